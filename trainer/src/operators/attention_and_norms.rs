//! Softmax, attention, normalisation, pooling and recurrent layers.

use super::{Case, any, between, case, numbers};
use tch::{Kind, TchError, Tensor};

pub(super) fn cases() -> Vec<Case> {
    let shape: &[i64] = &[523, 301];
    let image: &[i64] = &[5, 12, 31, 29];
    let one = |name, shape: &[i64], compute: fn(&Tensor) -> Result<Tensor, TchError>| {
        case(name, &[any(shape)], move |x| compute(&x[0]))
    };
    let heads = any(&[3, 4, 45, 24]);
    let affine = [any(image), any(&[12]), any(&[12])];
    vec![
        one("softmax", shape, |x| x.f_softmax(-1, Kind::Float)),
        one("softmax of rows", shape, |x| x.f_softmax(0, Kind::Float)),
        one("log_softmax", shape, |x| x.f_log_softmax(-1, Kind::Float)),
        one("log_softmax of rows", shape, |x| x.f_log_softmax(0, Kind::Float)),
        case("scaled_dot_product_attention", &[heads.clone(), heads.clone(), heads.clone()], |x| {
            Tensor::f_scaled_dot_product_attention::<Tensor>(&x[0], &x[1], &x[2], None, 0.0, true, None, false)
        }),
        case("scaled_dot_product_attention masked", &[heads.clone(), heads.clone(), heads], |x| {
            let mask = numbers(9, &any(&[45, 45]))?;
            Tensor::f_scaled_dot_product_attention(&x[0], &x[1], &x[2], Some(&mask), 0.0, false, None, false)
        }),
        case("layer_norm", &[any(shape), any(&[301]), any(&[301])], |x| {
            x[0].f_layer_norm([301], Some(&x[1]), Some(&x[2]), 1e-5, false)
        }),
        one("layer_norm without weights", shape, |x| x.f_layer_norm::<Tensor>([301], None, None, 1e-5, false)),
        case("group_norm", &affine, |x| x[0].f_group_norm(3, Some(&x[1]), Some(&x[2]), 1e-5, false)),
        case("batch_norm", &affine, |x| {
            x[0].f_batch_norm::<&Tensor>(Some(&x[1]), Some(&x[2]), None, None, true, 0.1, 1e-5, false)
        }),
        case("batch_norm by running statistics", &affine, |x| {
            let (mean, variance) = (numbers(10, &any(&[12]))?, numbers(11, &between(&[12], 0.5, 2.0))?);
            x[0].f_batch_norm(Some(&x[1]), Some(&x[2]), Some(&mean), Some(&variance), false, 0.1, 1e-5, false)
        }),
        one("max_pool2d", image, |x| x.f_max_pool2d(3, 2, 1, 1, false)),
        one("avg_pool2d", image, |x| x.f_avg_pool2d(3, 2, 1, false, true, None::<i64>)),
        one("adaptive_avg_pool2d", image, |x| x.f_adaptive_avg_pool2d([7, 5])),
        one("adaptive_avg_pool2d to one", image, |x| x.f_adaptive_avg_pool2d([1, 1])),
        one("upsample_nearest2d", image, |x| x.f_upsample_nearest2d([50, 61], None, None)),
        one("upsample_bilinear2d", image, |x| x.f_upsample_bilinear2d([50, 61], false, None, None)),
        case("gru cell", &[any(&[70, 40]), any(&[70, 30]), any(&[90, 40]), any(&[90, 30])], |x| {
            x[0].f_gru_cell::<Tensor>(&x[1], &x[2], &x[3], None, None)
        }),
    ]
}
