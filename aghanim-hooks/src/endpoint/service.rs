//! The endpoint without a router.

use axum::handler::{Handler as _, HandlerService};

use super::check::ConfigError;
use super::webhooks::Webhooks;
use crate::handler::AnyState;

/// A [`Webhooks`] as a [`tower::Service`]; [`Webhooks::into_service`] makes it.
///
/// It takes an `http::Request` with any body of bytes, and its error is `Infallible`: everything that can go wrong has an
/// answer.
///
/// [`tower::Service`]: https://docs.rs/tower-service/latest/tower_service/trait.Service.html
pub type WebhookService<S> = HandlerService<Webhooks<S>, Webhooks<S>, S>;

impl<S: AnyState + Clone> Webhooks<S> {
    /// Turns the endpoint into a `tower::Service`, for a server without axum's router.
    ///
    /// hyper serves it through `hyper_util::service::TowerToHyperService`, and `lambda_http::run` takes it as it is. The
    /// service answers every path and every method. `state` is what the handlers' `State` extractors take; it is `()` if
    /// they take none.
    ///
    /// ```
    /// use aghanim_hooks::events::ItemAdd;
    /// use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
    /// use axum::body::Body;
    /// use axum::http::{Request, StatusCode};
    /// use tower::ServiceExt as _;
    ///
    /// #[webhook("item.add")]
    /// async fn grant(_event: ItemAdd) {}
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
    /// let service = Webhooks::new(secret, webhooks![grant]).into_service(())?;
    ///
    /// // Nobody signed this request.
    /// let response = service.oneshot(Request::post("/webhook").body(Body::from("{}"))?).await?;
    /// assert_eq!(response.status(), StatusCode::FORBIDDEN);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] says which setting to change; see [`check`](Self::check).
    pub fn into_service(self, state: S) -> Result<WebhookService<S>, ConfigError> {
        self.check()?;
        Ok(self.with_state(state))
    }
}
