//! A value that many answers share.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock, OnceLock};

/// One value for many owners, made when somebody first looks at it; in files it stands as the value itself. Millions of
/// checks end in few answers, and whoever asks mostly wants to know what to do and not why.
pub struct Shared<T>(Arc<Kept<T>>);

struct Kept<T> {
    value: LazyLock<T, Make<T>>,
    json: OnceLock<Vec<u8>>,
    recorded: OnceLock<Vec<u8>>,
}

type Make<T> = Box<dyn FnOnce() -> T + Send>;

impl<T: Send + 'static> Shared<T> {
    /// Share a value.
    pub fn new(value: T) -> Self {
        Self::lazy(move || value)
    }

    /// Share what `make` will give: the same whenever it is asked.
    pub(crate) fn lazy(make: impl FnOnce() -> T + Send + 'static) -> Self {
        let value = LazyLock::new(Box::new(make) as Make<T>);
        Self(Arc::new(Kept { value, json: OnceLock::new(), recorded: OnceLock::new() }))
    }
}

impl<T> Shared<T> {
    /// Whether both are the same allocation, so that nothing has to be compared.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The value in bytes, made when they are first asked for: always by the same `make`.
    pub fn recorded(&self, make: impl FnOnce(&T) -> Vec<u8>) -> &[u8] {
        self.0.recorded.get_or_init(|| make(self))
    }

    /// The same as JSON.
    pub(crate) fn json(&self, make: impl FnOnce(&Self) -> Vec<u8>) -> &[u8] {
        self.0.json.get_or_init(|| make(self))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Default + Send + 'static> Default for Shared<T> {
    fn default() -> Self {
        Self::lazy(T::default)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        LazyLock::force(&self.0.value)
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl<T: Eq> Eq for Shared<T> {}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&**self).finish()
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self, serializer)
    }
}

impl<'de, T: Deserialize<'de> + Send + 'static> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}
