//! Functions of single elements.

use super::{Case, any, between, case};
use tch::{TchError, Tensor};

pub(super) fn cases() -> Vec<Case> {
    let shape: &[i64] = &[211, 317];
    let one =
        |name, compute: fn(&Tensor) -> Result<Tensor, TchError>| case(name, &[any(shape)], move |x| compute(&x[0]));
    let above = |name, compute: fn(&Tensor) -> Result<Tensor, TchError>| {
        case(name, &[between(shape, 0.001, 9.0)], move |x| compute(&x[0]))
    };
    let two = |name, compute: fn(&Tensor, &Tensor) -> Result<Tensor, TchError>| {
        case(name, &[any(shape), between(&[317], 0.5, 3.0)], move |x| compute(&x[0], &x[1]))
    };
    let mut cases = vec![
        case("exp far", &[between(shape, -104.0, 89.0)], |x| x[0].f_exp()),
        case("sin far", &[between(shape, -1e9, 1e9)], |x| x[0].f_sin()),
        case("cos of columns", &[any(shape)], |x| x[0].f_transpose(0, 1)?.f_cos()),
        case("addcmul", &[any(shape), any(shape), any(shape)], |x| x[0].f_addcmul(&x[1], &x[2])),
        case("addcdiv", &[any(shape), any(shape), between(shape, 0.5, 2.0)], |x| x[0].f_addcdiv(&x[1], &x[2])),
        case("lerp", &[any(shape), any(shape)], |x| x[0].f_lerp(&x[1], 0.3)),
        case("where", &[any(shape), any(shape)], |x| x[0].f_where_self(&x[0].f_gt(0.1)?, &x[1])),
        case("maximum", &[any(shape), any(shape)], |x| x[0].f_maximum(&x[1])),
        case("binary_cross_entropy_with_logits", &[any(shape)], |x| {
            let targets = super::numbers(7, &between(&[211, 317], 0.0, 1.0))?;
            x[0].f_binary_cross_entropy_with_logits::<Tensor>(&targets, None, None, tch::Reduction::Mean)
        }),
    ];
    cases.extend([
        one("abs", Tensor::f_abs),
        one("celu", Tensor::f_celu),
        one("clamp", |x| x.f_clamp(-0.5, 1.5)),
        one("cos", Tensor::f_cos),
        one("elu", Tensor::f_elu),
        one("erf", Tensor::f_erf),
        one("exp", Tensor::f_exp),
        one("exp2", Tensor::f_exp2),
        one("expm1", Tensor::f_expm1),
        one("gelu", |x| x.f_gelu("none")),
        one("gelu by tanh", |x| x.f_gelu("tanh")),
        one("hardsigmoid", Tensor::f_hardsigmoid),
        one("hardswish", Tensor::f_hardswish),
        one("hardtanh", Tensor::f_hardtanh),
        one("leaky_relu", Tensor::f_leaky_relu),
        one("log_sigmoid", Tensor::f_log_sigmoid),
        one("mish", Tensor::f_mish),
        one("relu", Tensor::f_relu),
        one("round", Tensor::f_round),
        one("sigmoid", Tensor::f_sigmoid),
        one("silu", Tensor::f_silu),
        one("sin", Tensor::f_sin),
        one("softplus", Tensor::f_softplus),
        one("square", Tensor::f_square),
        one("tanh", Tensor::f_tanh),
        above("log", Tensor::f_log),
        above("log10", Tensor::f_log10),
        above("log1p", Tensor::f_log1p),
        above("log2", Tensor::f_log2),
        above("pow cube", |x| x.f_pow_tensor_scalar(3)),
        above("pow fraction", |x| x.f_pow_tensor_scalar(1.7)),
        above("pow half", |x| x.f_pow_tensor_scalar(0.5)),
        above("reciprocal", Tensor::f_reciprocal),
        above("rsqrt", Tensor::f_rsqrt),
        above("sqrt", Tensor::f_sqrt),
        two("add", Tensor::f_add),
        two("div", Tensor::f_div),
        two("fmod", Tensor::f_fmod_tensor),
        two("mul", Tensor::f_mul),
        two("pow tensor", |x, y| x.f_abs()?.f_add_scalar(0.1)?.f_pow(y)),
        two("remainder", Tensor::f_remainder_tensor),
        two("sub", Tensor::f_sub),
    ]);
    cases
}
