//! Sums and what is made of them.

use super::{Case, any, between, case};
use tch::{Kind, Reduction, TchError, Tensor};

pub(super) fn cases() -> Vec<Case> {
    let shape: &[i64] = &[523, 301];
    let one =
        |name, compute: fn(&Tensor) -> Result<Tensor, TchError>| case(name, &[any(shape)], move |x| compute(&x[0]));
    let two = |name, compute: fn(&Tensor, &Tensor) -> Result<Tensor, TchError>| {
        case(name, &[any(shape), any(shape)], move |x| compute(&x[0], &x[1]))
    };
    vec![
        one("sum", |x| x.f_sum(Kind::Float)),
        one("sum of rows", |x| x.f_sum_dim_intlist(0, false, Kind::Float)),
        one("sum of columns", |x| x.f_sum_dim_intlist(1, true, Kind::Float)),
        case("sum of two dimensions", &[any(&[29, 17, 13, 31])], |x| {
            x[0].f_sum_dim_intlist([0, 2].as_slice(), false, Kind::Float)
        }),
        case("sum of a broadcast", &[any(&[301]), any(shape)], |x| x[0].f_mul(&x[1])),
        one("mean", |x| x.f_mean(Kind::Float)),
        one("mean of rows", |x| x.f_mean_dim(0, false, Kind::Float)),
        one("mean of columns", |x| x.f_mean_dim(1, false, Kind::Float)),
        one("var", |x| x.f_var(true)),
        one("var of rows", |x| x.f_var_dim(0, true, false)),
        one("std of columns", |x| x.f_std_dim(1, true, false)),
        one("norm", Tensor::f_norm),
        one("norm of columns", |x| x.f_norm_scalaropt_dim(2.0, 1, false)),
        case("prod", &[between(&[211, 40], 0.8, 1.2)], |x| x[0].f_prod_dim_int(1, false, Kind::Float)),
        one("cumsum", |x| x.f_cumsum(1, Kind::Float)),
        one("logsumexp", |x| x.f_logsumexp(1, false)),
        one("amax", |x| x.f_amax(0, false)),
        one("max", Tensor::f_max),
        one("argmax", |x| x.f_argmax(1, false)),
        two("mse_loss", |x, y| x.f_mse_loss(y, Reduction::Mean)),
        two("l1_loss", |x, y| x.f_l1_loss(y, Reduction::Mean)),
        two("smooth_l1_loss", |x, y| x.f_smooth_l1_loss(y, Reduction::Sum, 1.0)),
        two("huber_loss", |x, y| x.f_huber_loss(y, Reduction::Mean, 0.7)),
        one("cross_entropy_loss", |x| {
            x.f_cross_entropy_loss::<Tensor>(&super::places(1, &[523], 301)?, None, Reduction::Mean, -100, 0.0)
        }),
        one("cross_entropy_loss smoothed", |x| {
            x.f_cross_entropy_loss::<Tensor>(&super::places(1, &[523], 301)?, None, Reduction::Mean, -100, 0.1)
        }),
    ]
}
