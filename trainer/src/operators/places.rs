//! Operators that pick, move or add up elements by their places.

use super::{Case, any, case, places};
use tch::Tensor;

pub(super) fn cases() -> Vec<Case> {
    let table: &[i64] = &[307, 129];
    vec![
        case("embedding", &[any(table)], |x| Tensor::f_embedding(&x[0], &places(1, &[40, 37], 307)?, -1, false, false)),
        case("embedding of few words", &[any(&[5, 129])], |x| {
            Tensor::f_embedding(&x[0], &places(1, &[40, 37], 5)?, -1, false, false)
        }),
        case("index_select", &[any(table)], |x| x[0].f_index_select(0, &places(2, &[900], 307)?)),
        case("gather", &[any(table)], |x| x[0].f_gather(0, &places(3, &[700, 129], 307)?, false)),
        case("index", &[any(table)], |x| x[0].f_index(&[Some(places(4, &[900], 307)?)])),
        case("index_add", &[any(table), any(&[900, 129])], |x| x[0].f_index_add(0, &places(5, &[900], 307)?, &x[1])),
        case("index_put accumulating", &[any(table), any(&[900, 129])], |x| {
            x[0].f_index_put(&[Some(places(6, &[900], 307)?)], &x[1], true)
        }),
        case("scatter_add", &[any(table), any(&[700, 129])], |x| {
            x[0].f_scatter_add(0, &places(7, &[700, 129], 307)?, &x[1])
        }),
        case("masked_fill", &[any(table)], |x| x[0].f_masked_fill(&x[0].f_gt(0.5)?, 3.0)),
        case("cat", &[any(table), any(&[41, 129])], |x| Tensor::f_cat(&[&x[0], &x[1]], 0)),
        case("stack", &[any(table), any(table)], |x| Tensor::f_stack(&[&x[0], &x[1]], 1)),
        case("flip", &[any(table)], |x| x[0].f_flip([0])),
        case("roll", &[any(table)], |x| x[0].f_roll([3], [1])),
        case("tril", &[any(table)], |x| x[0].f_tril(2)),
        case("repeat", &[any(table)], |x| x[0].f_repeat([2, 3])),
        case("expand", &[any(&[1, 129])], |x| x[0].f_expand([400, 129], false)),
        case("sort", &[any(table)], |x| Ok(x[0].f_sort_stable(true, 1, true)?.0)),
        case("topk", &[any(table)], |x| Ok(x[0].f_topk(7, 1, true, true)?.0)),
        case("pad", &[any(table)], |x| x[0].f_constant_pad_nd([1, 2, 3, 0])),
        case("permute", &[any(&[17, 19, 23])], |x| x[0].f_permute([2, 0, 1])?.f_contiguous()),
    ]
}
