use shuttle::sync::atomic::AtomicBool;

#[derive(Debug, Default)]
pub(crate) struct Gate {
    pub(crate) may_commit: AtomicBool,
    pub(crate) suspect: AtomicBool,
    pub(crate) is_new: AtomicBool,
}
