//! What the API shows of a row.

/// Declares what the API shows of a row: a field is the row's own of that name, or what its expression makes of the row.
///
/// ```ignore
/// view! {
///     /// A purchase.
///     Order of row: OrderRow {
///         address: String,
///         state: &'static str = ORDER_STATE.word(row.state),
///     }
/// }
/// ```
macro_rules! view {
    (
        $(#[$meta:meta])* $vis:vis $name:ident of $row:ident: $type:ty
        { $($(#[$field_meta:meta])* $field:ident: $kind:ty $(= $value:expr)?,)* }
    ) => {
        $(#[$meta])*
        #[derive(serde::Serialize)]
        $vis struct $name { $($(#[$field_meta])* $field: $kind,)* }

        impl From<$type> for $name {
            fn from($row: $type) -> Self {
                Self { $($field: $crate::view::view!(@ $row $field $($value)?),)* }
            }
        }
    };
    (@ $row:ident $field:ident) => { $row.$field };
    (@ $row:ident $field:ident $value:expr) => { $value };
}
pub(crate) use view;

use serde::{Serialize as _, Serializer, ser::Error as _};
use serde_json::value::RawValue;

/// Writes a column that holds JSON as that JSON.
pub(crate) fn json<S: Serializer>(column: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<&RawValue>(column).map_err(S::Error::custom)?.serialize(serializer)
}
