//! Lists that arrive with an instruction.
//!
//! The framework makes room for as many elements as a list says that it has, before it reads one: a length that promises more
//! than the 32 KiB of heap would end the program instead of being an error.

/// The interface is generated from the framework's own lists, which have the same bytes.
#[cfg(feature = "idl-build")]
pub use alloc::vec::Vec;
#[cfg(not(feature = "idl-build"))]
pub use bounded::Vec;

#[cfg(not(feature = "idl-build"))]
mod bounded {
    use core::ops::Deref;
    use wincode::{SchemaRead, SchemaWrite, containers, len::FixIntLen};

    /// More does not arrive in a transaction.
    const MAX_BYTES: usize = 1_232;

    /// A list that takes no more memory than a transaction can hold; with the name and the bytes that it has in the interface.
    #[derive(Clone, Debug, Default, PartialEq, SchemaRead, SchemaWrite)]
    pub struct Vec<T>(#[wincode(with = "containers::Vec<T, FixIntLen<u32, MAX_BYTES>>")] alloc::vec::Vec<T>);

    impl<T> Deref for Vec<T> {
        type Target = alloc::vec::Vec<T>;
        fn deref(&self) -> &Self::Target {
            &self.0
        }
    }

    impl<'a, T> IntoIterator for &'a Vec<T> {
        type Item = &'a T;
        type IntoIter = core::slice::Iter<'a, T>;
        fn into_iter(self) -> Self::IntoIter {
            self.0.iter()
        }
    }

    impl<T> From<alloc::vec::Vec<T>> for Vec<T> {
        fn from(elements: alloc::vec::Vec<T>) -> Self {
            Self(elements)
        }
    }

    impl<T> From<Vec<T>> for alloc::vec::Vec<T> {
        fn from(list: Vec<T>) -> Self {
            list.0
        }
    }

    impl<T> FromIterator<T> for Vec<T> {
        fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
            Self(elements.into_iter().collect())
        }
    }
}
