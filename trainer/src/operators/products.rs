//! Matrix products and convolutions.

use super::{Case, any, case};
use tch::Tensor;

pub(super) fn cases() -> Vec<Case> {
    let image = any(&[3, 6, 19, 17]);
    let unary = |name, shape: &[i64], kernel: &[i64], compute: fn(&[Tensor]) -> Result<Tensor, tch::TchError>| {
        let outputs = [kernel[0]];
        case(name, &[any(shape), any(kernel), any(&outputs)], compute)
    };
    vec![
        case("mm", &[any(&[67, 301]), any(&[301, 83])], |x| x[0].f_mm(&x[1])),
        case("mm transposed left", &[any(&[301, 67]), any(&[301, 83])], |x| x[0].f_transpose(0, 1)?.f_mm(&x[1])),
        case("mm transposed right", &[any(&[67, 301]), any(&[83, 301])], |x| x[0].f_mm(&x[1].f_transpose(0, 1)?)),
        case("mm deep", &[any(&[5, 2100]), any(&[2100, 9])], |x| x[0].f_mm(&x[1])),
        case("mm wide", &[any(&[31, 40]), any(&[40, 2200])], |x| x[0].f_mm(&x[1])),
        case("mm one row", &[any(&[1, 700]), any(&[700, 33])], |x| x[0].f_mm(&x[1])),
        case("addmm scaled", &[any(&[67, 83]), any(&[67, 90]), any(&[90, 83])], |x| {
            x[0].f_mul_scalar(0.3)?.f_addmm(&x[1], &x[2])
        }),
        case("linear", &[any(&[4, 33, 70]), any(&[129, 70]), any(&[129])], |x| x[0].f_linear(&x[1], Some(&x[2]))),
        case("bmm", &[any(&[6, 37, 40]), any(&[6, 40, 53])], |x| x[0].f_bmm(&x[1])),
        case("baddbmm", &[any(&[6, 37, 53]), any(&[6, 37, 40]), any(&[6, 40, 53])], |x| {
            x[0].f_baddbmm(&x[1], &x[2], 0.5, 2.0)
        }),
        case("matmul of heads", &[any(&[2, 3, 35, 20]), any(&[2, 3, 20, 35])], |x| x[0].f_matmul(&x[1])),
        case("mv", &[any(&[300, 181]), any(&[181])], |x| x[0].f_mv(&x[1])),
        case("addmv", &[any(&[300]), any(&[300, 181]), any(&[181])], |x| x[0].f_addmv(&x[1], &x[2])),
        case("dot", &[any(&[40_003]), any(&[40_003])], |x| x[0].f_dot(&x[1])),
        case("einsum", &[any(&[5, 17, 23]), any(&[5, 23, 31])], |x| {
            Tensor::f_einsum("bij,bjk->bik", &[&x[0], &x[1]], None::<i64>)
        }),
        unary("conv1d", &[3, 6, 210], &[9, 6, 5], |x| x[0].f_conv1d(&x[1], Some(&x[2]), 2, 3, 1, 1)),
        unary("conv2d", &[3, 6, 19, 17], &[9, 6, 3, 3], |x| x[0].f_conv2d(&x[1], Some(&x[2]), 1, 1, 1, 1)),
        unary("conv2d of points", &[3, 6, 19, 17], &[9, 6, 1, 1], |x| x[0].f_conv2d(&x[1], Some(&x[2]), 1, 0, 1, 1)),
        unary("conv2d in steps", &[3, 6, 19, 17], &[9, 6, 5, 3], |x| {
            x[0].f_conv2d(&x[1], Some(&x[2]), [2, 3], [2, 1], [1, 2], 1)
        }),
        unary("conv2d in groups", &[3, 6, 19, 17], &[9, 2, 3, 3], |x| x[0].f_conv2d(&x[1], Some(&x[2]), 1, 1, 1, 3)),
        case("conv2d of one image", &[any(&[1, 6, 29, 27]), any(&[20, 6, 3, 3])], |x| {
            x[0].f_conv2d(&x[1], None::<&Tensor>, 1, 1, 1, 1)
        }),
        case("_convolution", &[image, any(&[9, 6, 3, 3])], |x| {
            let pair: [i64; 2] = [1, 1];
            x[0].f_internal_convolution(
                &x[1],
                None::<&Tensor>,
                pair,
                pair,
                pair,
                false,
                [0, 0],
                1,
                false,
                true,
                false,
                false,
            )
        }),
    ]
}
