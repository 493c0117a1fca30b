//! The operators of the numeric profile canonical-avx2-v2 compute golden bits, and those bits are right.
#![allow(clippy::unwrap_used)]

mod common;

use common::{complaint, report, trainer};
use proptest::prelude::*;
use protocol::report::SelfTestReport;
use std::sync::Once;
use tch::{Kind, TchError, Tensor};
use trainer::bridge::{own_product_of_libtorch, register_kernels};
use trainer::profile::OPERATORS;

/// Puts the kernels into this process, once.
fn canonical() {
    static DONE: Once = Once::new();
    DONE.call_once(|| register_kernels(OPERATORS).unwrap());
}

fn numbers(count: usize, seed: u32) -> Vec<f32> {
    (0..count as u32)
        .map(|i| ((i.wrapping_mul(2_654_435_761) ^ seed).wrapping_mul(40_503) >> 8) as f32 / 8_388_608.0 - 1.0)
        .collect()
}

fn matrix(values: &[f32], shape: &[i64]) -> Tensor {
    Tensor::from_slice(values).reshape(shape)
}

fn values(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.contiguous().reshape([-1])).unwrap()
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    values(tensor).iter().map(|value| value.to_bits()).collect()
}

#[test]
fn every_operator_gives_its_golden_hash_with_any_number_of_threads_and_with_or_without_avx_512() {
    let golden = include_str!("../golden/canonical-avx2-v2.hashes");
    let of_operators: Vec<&str> = golden.lines().collect();
    assert!(of_operators.len() > 100);
    for (threads, kernels) in [("1", "avx512"), ("1", "avx2"), ("2", "avx512"), ("2", "avx2"), ("4", "avx512")] {
        // where the processor has no AVX-512, both are the same kernels
        let output =
            trainer().args(["operators", "--threads", threads]).env("AIXBLOCK_KERNELS", kernels).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let differing: Vec<_> = text.lines().zip(&of_operators).filter(|(found, golden)| found != *golden).collect();
        assert!(differing.is_empty(), "{threads} threads, {kernels}: {differing:?}");
        assert_eq!(text.lines().count(), of_operators.len(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn settings_of_mkl_and_onednn_do_not_reach_the_canonical_operators() {
    let run = |variables: &[(&str, &str)]| {
        let mut command = trainer();
        command.args(["operators"]).envs([("ATEN_CPU_CAPABILITY", "avx2"), ("OMP_NUM_THREADS", "1")]);
        command.envs(variables.iter().copied()).output().unwrap().stdout
    };
    let plain = run(&[]);
    assert!(!plain.is_empty());
    for variables in
        [("MKL_CBWR", "COMPATIBLE"), ("MKL_ENABLE_INSTRUCTIONS", "SSE4_2"), ("ONEDNN_MAX_CPU_ISA", "SSE41")]
    {
        assert!(run(&[variables]) == plain, "{variables:?}");
    }
}

#[test]
fn the_self_test_covers_both_profiles() {
    let output = trainer().arg("self-test").output().unwrap();
    let report: SelfTestReport = report(&output);
    assert!(report.compatible && report.differing.is_empty(), "{report:?}");
    let said = complaint(&trainer().args(["self-test", "--profile", "none"]).output().unwrap());
    assert!(said.contains("canonical-avx2-v2"), "{said}");
}

#[test]
fn an_operator_outside_the_list_is_refused_by_name() {
    canonical();
    let x = matrix(&[0.5, 0.25], &[2]);
    for (name, result) in [
        ("aten::lgamma", x.f_lgamma()),
        ("aten::fft", x.f_fft_fft(None, -1, "backward")),
        ("aten::bernoulli", x.f_bernoulli()),
    ] {
        let said = result.unwrap_err().to_string();
        assert!(said.contains("not in the canonical numeric profile"), "{name}: {said}");
    }
    let said = x.f_to_kind(Kind::Double).unwrap().f_exp().unwrap_err().to_string();
    assert!(said.contains("float32"), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn each_element_of_a_product_is_a_chain_of_fused_multiply_adds(
        m in 1usize..40, n in 1usize..50, k in 0usize..600, left in any::<bool>(), right in any::<bool>(), seed in any::<u32>()
    ) {
        canonical();
        let (a, b) = (numbers(m * k, seed), numbers(k * n, !seed));
        let shape = |rows: usize, columns: usize| [rows as i64, columns as i64];
        // transposed in memory, the same matrices
        let stored = |values: &[f32], rows: usize, columns: usize, transposed: bool| {
            let plain = matrix(values, &shape(rows, columns));
            if transposed { plain.transpose(0, 1).contiguous().transpose(0, 1) } else { plain }
        };
        let found = values(&stored(&a, m, k, left).mm(&stored(&b, k, n, right)));
        for i in 0..m {
            for j in 0..n {
                let chain = (0..k).fold(0.0f32, |sum, q| a[i * k + q].mul_add(b[q * n + j], sum));
                prop_assert_eq!(found[i * n + j].to_bits(), chain.to_bits(), "row {} column {}", i, j);
            }
        }
    }
}

#[test]
fn rows_of_a_product_do_not_depend_on_the_other_rows() {
    canonical();
    let (a, b) = (matrix(&numbers(301 * 700, 1), &[301, 700]), matrix(&numbers(700 * 90, 2), &[700, 90]));
    let bias = matrix(&numbers(90, 3), &[90]);
    let whole = bits(&bias.addmm(&a, &b));
    for rows in [1, 5, 6, 64] {
        let parts: Vec<u32> = a.split(rows, 0).iter().flat_map(|part| bits(&bias.addmm(part, &b))).collect();
        assert!(parts == whole, "{rows} rows at a time");
    }
}

#[test]
fn products_are_as_exact_as_libtorchs() {
    canonical();
    let (m, k, n) = (97, 1500, 61);
    let (a, b) = (numbers(m * k, 4), numbers(k * n, 5));
    let (left, right) = (matrix(&a, &[97, 1500]), matrix(&b, &[1500, 61]));
    let (ours, theirs) = (values(&left.mm(&right)), values(&own_product_of_libtorch(&left, &right).unwrap()));
    let worst = |found: &[f32]| {
        (0..m * n)
            .map(|place| {
                let (i, j) = (place / n, place % n);
                let exact: f64 = (0..k).map(|q| f64::from(a[i * k + q]) * f64::from(b[q * n + j])).sum();
                (f64::from(found[place]) - exact).abs()
            })
            .fold(0.0, f64::max)
    };
    // a chain of k sums loses a little more than the blocks of sums that MKL adds
    assert!(worst(&ours) < 1e-4 && worst(&ours) < 20.0 * worst(&theirs), "{} {}", worst(&ours), worst(&theirs));
}

#[test]
fn a_convolution_is_its_definition_and_its_gradients_are_those_of_a_bilinear_map() {
    canonical();
    let x = matrix(&numbers(2 * 4 * 9 * 8, 6), &[2, 4, 9, 8]).requires_grad_(true);
    let w = matrix(&numbers(6 * 2 * 3 * 2, 7), &[6, 2, 3, 2]).requires_grad_(true);
    let out = x.conv2d(&w, None::<&Tensor>, [2, 1], [1, 2], [1, 2], 2);
    let (_, _, height, width) = out.size4().unwrap();
    for (s, o, y, c) in [(0, 0, 0, 0), (1, 5, height - 1, width - 1), (0, 3, 2, 4), (1, 2, 1, 1)] {
        let group = o / 3;
        let mut exact = 0.0f64;
        for (i, ky, kx) in (0..2).flat_map(|i| (0..3).flat_map(move |ky| (0..2).map(move |kx| (i, ky, kx)))) {
            let (row, column) = (y * 2 + ky - 1, c + kx * 2 - 2);
            if (0..9).contains(&row) && (0..8).contains(&column) {
                exact += x.double_value(&[s, group * 2 + i, row, column]) * w.double_value(&[o, i, ky, kx]);
            }
        }
        assert!((out.double_value(&[s, o, y, c]) - exact).abs() < 1e-5);
    }
    let factors = matrix(&numbers(out.numel(), 8), &out.size());
    (&out * &factors).sum(Kind::Float).backward();
    let inner = |a: &Tensor, b: &Tensor| {
        values(a).iter().zip(values(b)).map(|(a, b)| f64::from(*a) * f64::from(b)).sum::<f64>()
    };
    let value = inner(&out.detach(), &factors);
    assert!((inner(&x.grad(), &x.detach()) - value).abs() < 1e-3);
    assert!((inner(&w.grad(), &w.detach()) - value).abs() < 1e-3);
    // each sample's output is its own
    let alone: Vec<u32> = x
        .detach()
        .split(1, 0)
        .iter()
        .flat_map(|x| bits(&x.conv2d(&w.detach(), None::<&Tensor>, [2, 1], [1, 2], [1, 2], 2)))
        .collect();
    assert_eq!(alone, bits(&out.detach()));
}

/// More rows of the unfolded image than are packed at a time, by AVX2 or AVX-512: what comes next begins within a kernel. More
/// pixels, too.
#[test]
fn a_deep_convolution_is_one_chain_over_channels_and_places_of_the_kernel() {
    canonical();
    let (channels, outputs, height, width) = (22usize, 13usize, 30usize, 18usize);
    let (x, w) = (numbers(2 * channels * height * width, 10), numbers(outputs * channels * 25, 11));
    let input = matrix(&x, &[2, 22, 30, 18]);
    let weight = matrix(&w, &[13, 22, 5, 5]);
    let out = values(&input.conv2d(&weight, None::<&Tensor>, [2, 1], [2, 4], [1, 2], 1));
    assert_eq!(out.len(), 2 * outputs * 15 * 18);
    for (at, found) in out.iter().enumerate() {
        let (column, row, output, image) = (at % 18, at / 18 % 15, at / 270 % outputs, at / 270 / outputs);
        let mut chain = 0.0f32;
        for place in 0..channels * 25 {
            let (channel, y, x_of) = (place / 25, row * 2 + place / 5 % 5, column + place % 5 * 2);
            let inside = (2..height + 2).contains(&y) && (4..width + 4).contains(&x_of);
            let value =
                if inside { x[((image * channels + channel) * height + y - 2) * width + x_of - 4] } else { 0.0 };
            chain = w[output * channels * 25 + place].mul_add(value, chain);
        }
        assert_eq!(found.to_bits(), chain.to_bits(), "{image} {output} {row} {column}");
    }
}

type Function = (&'static str, fn(&Tensor) -> Result<Tensor, TchError>, fn(f64) -> f64, f32, f32);

#[test]
fn functions_are_within_0_51_units_in_the_last_place() {
    canonical();
    let functions: [Function; 10] = [
        ("exp", Tensor::f_exp, f64::exp, -100.0, 88.0),
        ("expm1", Tensor::f_expm1, f64::exp_m1, -20.0, 88.0),
        ("log", Tensor::f_log, f64::ln, 1e-30, 50.0),
        ("log2", Tensor::f_log2, f64::log2, 1e-30, 50.0),
        ("log1p", Tensor::f_log1p, f64::ln_1p, -0.99, 50.0),
        ("sqrt", Tensor::f_sqrt, f64::sqrt, 0.0, 50.0),
        ("tanh", Tensor::f_tanh, f64::tanh, -9.0, 9.0),
        ("sin", Tensor::f_sin, f64::sin, -1e7, 1e7),
        ("cos", Tensor::f_cos, f64::cos, -40.0, 40.0),
        ("pow", |x| x.f_pow_tensor_scalar(2.7), |x| x.powf(2.7), 0.0, 9.0),
    ];
    for (name, ours, exact, low, high) in functions {
        let inputs: Vec<f32> = numbers(20_000, 9).iter().map(|u| low + (u + 1.0) / 2.0 * (high - low)).collect();
        let found = values(&ours(&Tensor::from_slice(&inputs)).unwrap());
        for (input, found) in inputs.iter().zip(found) {
            let wanted = exact(f64::from(*input));
            let unit = f64::from((wanted as f32).abs().next_up()) - f64::from((wanted as f32).abs());
            assert!((f64::from(found) - wanted).abs() <= 0.51 * unit, "{name}({input}) is {found}, not {wanted}");
        }
    }
}

/// erf by its series.
fn erf(x: f64) -> f64 {
    let term = |n: u32| (1..=n).fold(x, |term, i| -term * x * x / f64::from(i)) / f64::from(2 * n + 1);
    2.0 / std::f64::consts::PI.sqrt() * (0..80).map(term).sum::<f64>()
}

#[test]
fn activations_and_their_gradients_are_those_of_their_formulas() {
    canonical();
    type Case = (&'static str, fn(&Tensor) -> Result<Tensor, TchError>, fn(f64) -> f64);
    let functions: [Case; 9] = [
        ("sigmoid", Tensor::f_sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
        ("silu", Tensor::f_silu, |x| x / (1.0 + (-x).exp())),
        ("gelu", |x| x.f_gelu("none"), |x| 0.5 * x * (1.0 + erf(x / std::f64::consts::SQRT_2))),
        (
            "gelu by tanh",
            |x| x.f_gelu("tanh"),
            |x| 0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x)).tanh()),
        ),
        ("elu", Tensor::f_elu, |x| if x > 0.0 { x } else { x.exp_m1() }),
        ("softplus", Tensor::f_softplus, |x| x.exp().ln_1p()),
        ("log_sigmoid", Tensor::f_log_sigmoid, |x| -(-x).exp().ln_1p()),
        ("mish", Tensor::f_mish, |x| x * x.exp().ln_1p().tanh()),
        ("exp2", Tensor::f_exp2, f64::exp2),
    ];
    for (name, ours, exact) in functions {
        let x = (Tensor::from_slice(&numbers(4_001, 10)) * 4.0).detach().requires_grad_(true);
        let y = ours(&x).unwrap();
        y.sum(Kind::Float).backward();
        for ((x, y), gradient) in values(&x.detach()).into_iter().zip(values(&y.detach())).zip(values(&x.grad())) {
            let x = f64::from(x);
            let slope = (exact(x + 1e-6) - exact(x - 1e-6)) / 2e-6;
            assert!((f64::from(y) - exact(x)).abs() < 2e-6, "{name}({x}) is {y}, not {}", exact(x));
            assert!(
                (f64::from(gradient) - slope).abs() < 1e-5 || x.abs() < 2e-6,
                "{name}'({x}) is {gradient}, not {slope}"
            );
        }
    }
}

#[test]
fn softmax_and_its_gradient_are_those_of_their_formulas() {
    canonical();
    let (rows, columns) = (7usize, 37usize);
    let inputs: Vec<f32> = numbers(rows * columns, 11).iter().map(|u| u * 6.0).collect();
    let factors = numbers(rows * columns, 12);
    for dim in [1i64, 0] {
        let x = matrix(&inputs, &[7, 37]).requires_grad_(true);
        let y = x.softmax(dim, Kind::Float);
        (&y * matrix(&factors, &[7, 37])).sum(Kind::Float).backward();
        let (found, gradient) = (values(&y.detach()), values(&x.grad()));
        let along = |place: usize| -> Vec<usize> {
            if dim == 1 {
                (place / columns * columns..(place / columns + 1) * columns).collect()
            } else {
                (0..rows).map(|row| row * columns + place % columns).collect()
            }
        };
        for place in 0..rows * columns {
            let group = along(place);
            let sum: f64 = group.iter().map(|&i| f64::from(inputs[i]).exp()).sum();
            let share = |i: usize| f64::from(inputs[i]).exp() / sum;
            let mean: f64 = group.iter().map(|&i| share(i) * f64::from(factors[i])).sum();
            assert!((f64::from(found[place]) - share(place)).abs() < 1e-6);
            assert!((f64::from(gradient[place]) - share(place) * (f64::from(factors[place]) - mean)).abs() < 1e-6);
        }
    }
}

/// Attention by the operators that it is composed of.
fn attention_in_parts(x: &[Tensor], mask: Option<&Tensor>, causal: bool) -> Tensor {
    let (queries, keys) = (x[0].size()[2], x[1].size()[2]);
    let scale = 1.0 / (x[0].size()[3] as f64).sqrt();
    let mut scores = x[0].matmul(&x[1].transpose(-2, -1)) * scale;
    if let Some(mask) = mask {
        scores += mask;
    }
    if causal {
        let future = Tensor::ones([queries, keys], (Kind::Bool, tch::Device::Cpu)).triu(1);
        scores = scores.masked_fill(&future, f64::NEG_INFINITY);
    }
    scores.softmax(-1, Kind::Float).matmul(&x[2])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn fused_attention_and_its_gradients_have_the_bits_of_their_parts(
        queries in 1usize..230, keys in 1usize..230, width in 1usize..40, causal in any::<bool>(), masked in any::<bool>(), seed in any::<u32>()
    ) {
        canonical();
        let (samples, heads) = (2usize, 3usize);
        let inputs = |part: u32, tokens: usize| {
            // tokens before heads in memory, as a fully connected layer leaves them
            let values = numbers(samples * tokens * heads * width, seed ^ part);
            matrix(&values, &[samples as i64, tokens as i64, heads as i64, width as i64]).transpose(1, 2)
        };
        let mask = masked.then(|| matrix(&numbers(queries * keys, !seed), &[queries as i64, keys as i64]));
        let run = |compute: &dyn Fn(&[Tensor]) -> Tensor| {
            let x = [inputs(1, queries), inputs(2, keys), inputs(3, keys)].map(|x| x.detach().requires_grad_(true));
            let out = compute(&x);
            let factors = matrix(&numbers(out.numel(), 14), &out.size());
            (&out * &factors).sum(Kind::Float).backward();
            let gradients: Vec<Vec<u32>> = x.iter().map(|x| bits(&x.grad())).collect();
            (bits(&out.detach()), gradients)
        };
        // libtorch takes a mask or the causal one
        let causal = causal && !masked;
        let fused = run(&|x| {
            Tensor::scaled_dot_product_attention(&x[0], &x[1], &x[2], mask.as_ref(), 0.0, causal, None, false)
        });
        let parts = run(&|x| attention_in_parts(x, mask.as_ref(), causal));
        prop_assert!(fused == parts);
    }
}

#[test]
fn a_query_that_sees_nothing_gets_zeros() {
    canonical();
    let x = matrix(&numbers(5 * 4, 15), &[1, 1, 5, 4]);
    let mask = Tensor::from_slice(&[true, false, true, true, true]).reshape([5, 1]).expand([5, 5], false);
    let out = Tensor::scaled_dot_product_attention(&x, &x, &x, Some(&mask), 0.0, false, None, false);
    let rows = values(&out);
    assert!(rows[4..8].iter().all(|value| *value == 0.0) && rows.iter().all(|value| value.is_finite()), "{rows:?}");
    let said = Tensor::f_scaled_dot_product_attention::<Tensor>(&x, &x, &x, None, 0.5, false, None, false).unwrap_err();
    assert!(said.to_string().contains("canonical numeric profile"), "{said}");
}

#[test]
fn a_layer_normalisation_and_its_gradients_are_those_of_their_formulas() {
    canonical();
    let (rows, columns) = (35usize, 77usize);
    let shape = [rows as i64, columns as i64];
    let (input, factors) = (numbers(rows * columns, 16), numbers(rows * columns, 17));
    let (weight, bias) = (numbers(columns, 18), numbers(columns, 19));
    let x = matrix(&input, &shape).requires_grad_(true);
    let [w, b] = [&weight, &bias].map(|values| matrix(values, &[columns as i64]).requires_grad_(true));
    let y = x.layer_norm([columns as i64], Some(&w), Some(&b), 1e-5, false);
    (&y * matrix(&factors, &shape)).sum(Kind::Float).backward();
    let exact = |values: &[f32]| -> Vec<f64> { values.iter().map(|value| f64::from(*value)).collect() };
    let (input, factors, weight, bias) = (exact(&input), exact(&factors), exact(&weight), exact(&bias));
    let (mut of_weight, mut of_bias) = (vec![0.0; columns], vec![0.0; columns]);
    let close = |found: f32, wanted: f64| assert!((f64::from(found) - wanted).abs() < 2e-5, "{found}, not {wanted}");
    let (found, of_input) = (values(&y.detach()), values(&x.grad()));
    for row in 0..rows {
        let row = row * columns..(row + 1) * columns;
        let count = columns as f64;
        let mean = input[row.clone()].iter().sum::<f64>() / count;
        let variance = input[row.clone()].iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        let rstd = 1.0 / (variance + 1e-5).sqrt();
        let normal: Vec<f64> = input[row.clone()].iter().map(|x| (x - mean) * rstd).collect();
        let weighted: Vec<f64> = factors[row.clone()].iter().zip(&weight).map(|(g, w)| g * w).collect();
        let sum = weighted.iter().sum::<f64>() / count;
        let slope = weighted.iter().zip(&normal).map(|(g, x)| g * x).sum::<f64>() / count;
        for (column, place) in row.enumerate() {
            close(found[place], normal[column] * weight[column] + bias[column]);
            close(of_input[place], rstd * (weighted[column] - sum - normal[column] * slope));
            of_weight[column] += factors[place] * normal[column];
            of_bias[column] += factors[place];
        }
    }
    values(&w.grad()).into_iter().zip(of_weight).for_each(|(found, wanted)| close(found, wanted));
    values(&b.grad()).into_iter().zip(of_bias).for_each(|(found, wanted)| close(found, wanted));
}
