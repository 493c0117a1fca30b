//! Lists and single things, the same for every resource: filters, pages by key, and what is said where there is nothing.

use crate::{
    context::Scope,
    page::{self, Page},
    problem::Problem,
};
use axum::response::Response;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Encode, FromRow, QueryBuilder, Sqlite, Type, query_builder::Separated, sqlite::SqliteRow};

/// Which end of a list comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The greatest place first.
    Newest,
    /// The least place first.
    Ascending,
}

/// A row that is listed. Its place in the list is some of its columns, which no two rows share and which never change, so that
/// a cursor leads to the same row whatever was written since.
pub trait Listed: for<'r> FromRow<'r, SqliteRow> + Send + Unpin {
    /// The path of the list below `/v1/`, which is also in its cursors.
    const LIST: &'static str;
    /// The table or view.
    const TABLE: &'static str;
    /// Its order.
    const DIRECTION: Direction;
    /// The columns of the place.
    const COLUMNS: &'static [&'static str];
    /// The values of those columns.
    type Place: Serialize + DeserializeOwned;
    /// Where the row is.
    fn place(&self) -> Self::Place;
    /// Writes a place into a query.
    fn push(place: Self::Place, values: &mut Separated<'_, Sqlite, &'static str>);
}

/// Makes a row [`Listed`]: `listed!(VoteRow in "votes" of "votes", Newest by slot: i64, oracle: String)`.
macro_rules! listed {
    ($row:ident in $list:literal of $table:literal, $direction:ident by $($column:ident: $type:ty),+) => {
        impl $crate::list::Listed for $row {
            const LIST: &'static str = $list;
            const TABLE: &'static str = $table;
            const DIRECTION: $crate::list::Direction = $crate::list::Direction::$direction;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];
            type Place = ($($type,)+);

            fn place(&self) -> Self::Place {
                ($(self.$column.clone(),)+)
            }

            fn push(
                ($($column,)+): Self::Place,
                values: &mut sqlx::query_builder::Separated<'_, sqlx::Sqlite, &'static str>,
            ) {
                $(values.push_bind($column);)+
            }
        }
    };
}
pub(crate) use listed;

/// A page of a list, to be narrowed by filters. Columns are this crate's constants, values are bound.
pub struct List<R: Listed> {
    sql: QueryBuilder<Sqlite>,
    rows: i64,
    after: Option<R::Place>,
}

impl<R: Listed> List<R> {
    /// All rows.
    ///
    /// # Errors
    /// When the limit is out of range, or the cursor is not of this list.
    pub fn new(page: &Page) -> Result<Self, Problem> {
        let rows = page::rows(page.limit)?;
        let after = page::after(R::LIST, page.cursor.as_deref())?;
        let mut sql = QueryBuilder::new("SELECT * FROM ");
        sql.push(R::TABLE).push(" WHERE 1 = 1");
        Ok(Self { sql, rows, after })
    }

    /// Only rows with this value; without a value, all.
    #[must_use]
    pub fn only<T>(mut self, column: &'static str, value: Option<T>) -> Self
    where
        T: for<'q> Encode<'q, Sqlite> + Type<Sqlite> + Send + 'static,
    {
        if let Some(value) = value {
            self.sql.push(" AND ").push(column).push(" = ").push_bind(value);
        }
        self
    }

    /// Only rows with this value in one of two columns.
    #[must_use]
    pub fn either<T>(mut self, [first, second]: [&'static str; 2], value: Option<T>) -> Self
    where
        T: for<'q> Encode<'q, Sqlite> + Type<Sqlite> + Clone + Send + 'static,
    {
        if let Some(value) = value {
            self.sql.push(" AND (").push(first).push(" = ").push_bind(value.clone());
            self.sql.push(" OR ").push(second).push(" = ").push_bind(value).push(")");
        }
        self
    }

    /// The page, each row as `view` shows it, and the cursor of the next one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn answer<T: Serialize>(mut self, mut scope: Scope, view: impl Fn(R) -> T) -> Result<Response, Problem> {
        let columns = R::COLUMNS.join(", ");
        let (beyond, order) = match R::DIRECTION {
            Direction::Newest => ("<", R::COLUMNS.join(" DESC, ") + " DESC"),
            Direction::Ascending => (">", columns.clone()),
        };
        if let Some(place) = self.after {
            self.sql.push(format_args!(" AND ({columns}) {beyond} ("));
            R::push(place, &mut self.sql.separated(", "));
            self.sql.push(")");
        }
        self.sql.push(format_args!(" ORDER BY {order} LIMIT ")).push_bind(self.rows);
        let mut found: Vec<R> = self.sql.build_query_as().fetch_all(&mut *scope.db).await?;
        let next = page::cut(R::LIST, &mut found, self.rows, R::place);
        let data: Vec<T> = found.into_iter().map(view).collect();
        Ok(scope.page(&data, next))
    }
}

/// The row with this value in a column.
///
/// # Errors
/// When there is none; `what` says what was looked for.
pub async fn find<R: Listed, T>(scope: &mut Scope, what: &str, column: &'static str, value: T) -> Result<R, Problem>
where
    T: for<'q> Encode<'q, Sqlite> + Type<Sqlite> + core::fmt::Display + Send + 'static,
{
    let missing = Problem::not_found(format!("no {what} {value}: GET /v1/{} lists what there is", R::LIST));
    let mut sql = QueryBuilder::new("SELECT * FROM ");
    sql.push(R::TABLE).push(" WHERE ").push(column).push(" = ").push_bind(value);
    sql.build_query_as().fetch_optional(&mut *scope.db).await?.ok_or(missing)
}

/// The rows with this value in a column, in their order: parts of one thing, of which there are few.
///
/// # Errors
/// When the database does not answer.
pub async fn parts<R: Listed, T>(scope: &mut Scope, column: &'static str, value: T) -> Result<Vec<R>, Problem>
where
    T: for<'q> Encode<'q, Sqlite> + Type<Sqlite> + Send + 'static,
{
    let mut sql = QueryBuilder::new("SELECT * FROM ");
    sql.push(R::TABLE).push(" WHERE ").push(column).push(" = ").push_bind(value);
    sql.push(" ORDER BY ").push(R::COLUMNS.join(", "));
    Ok(sql.build_query_as().fetch_all(&mut *scope.db).await?)
}
