//! One suite over all stores: what `IdempotencyStore` promises, whatever keeps it.

mod budget;
mod config;
mod dropped;
mod endpoint;
mod file;
mod fixture;
mod lease;
mod lost_reply;
mod pool;
mod transaction;
mod upkeep;

/// Makes a test of each function for each of these stores; the function takes the store's fixture.
macro_rules! suite {
    ($($store:ident),+ => $tests:tt) => {
        $(crate::suite!(@ $store $tests);)+
    };
    (@ $store:ident [$($test:ident),+ $(,)?]) => {
        mod $store {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    // Without a fixture the screen says why.
                    if let Some(fixture) = crate::fixture::$store().await {
                        super::$test(fixture).await;
                    }
                }
            )+
        }
    };
}
pub(crate) use suite;
