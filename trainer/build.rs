//! Compiles the bridge to libtorch's c10d and the canonical kernels, and lets the binaries find libtorch at run time.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=bridge");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    let Ok(libtorch) = std::env::var("LIBTORCH") else {
        stop("LIBTORCH is not set: run `make setup`, or point it at an unpacked libtorch 2.13.0");
    };
    let bridge = ["adamw", "c10d_bridge", "group", "reducers", "script_module"].map(|name| format!("bridge/{name}.cc"));
    let backend =
        ["backend", "connect", "exchange", "mesh", "tree_reduction"].map(|name| format!("bridge/canonical/{name}.cc"));
    let mut c10d = cc::Build::new();
    c10d.cpp(true)
        .std("c++17")
        .opt_level(3)
        .warnings(false)
        .flag("-ffp-contract=off")
        .define("USE_DISTRIBUTED", None)
        .define("USE_C10D_GLOO", None)
        .define("_GLIBCXX_USE_CXX11_ABI", "1")
        .include("bridge/gloo_stub")
        .include(format!("{libtorch}/include"))
        .include(format!("{libtorch}/include/torch/csrc/api/include"))
        .files(bridge)
        .files(backend);
    if std::env::var_os("CARGO_FEATURE_NCCL").is_some() {
        c10d.define("USE_C10D_NCCL", None).includes(cuda_includes(Path::new(&libtorch))).file("bridge/nccl.cc");
    }
    c10d.compile("c10d_bridge");
    // the same bits in every build: always optimised, and no multiplication and addition joined but where the source says so
    let flags = ["-mavx2", "-mfma", "-ffp-contract=off", "-fno-math-errno", "-fopenmp"];
    let sources = [
        "activation_operators",
        "attention_operators",
        "convolution_operators",
        "elementwise",
        "elementwise_operators",
        "gemm",
        "matrix_operators",
        "norm_operators",
        "packing",
        "patches",
        "register",
        "softmax_operators",
    ];
    let mut kernels = cc::Build::new();
    kernels
        .cpp(true)
        .std("c++17")
        .opt_level(3)
        .warnings(false)
        .include(format!("{libtorch}/include"))
        .include(format!("{libtorch}/include/torch/csrc/api/include"))
        .files(sources.map(|name| format!("bridge/kernels/{name}.cc")));
    flags.iter().for_each(|flag| {
        kernels.flag(flag);
    });
    kernels.compile("canonical_kernels");
    println!("cargo:rustc-link-lib=dylib=gomp");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{libtorch}/lib");
}

/// Ends the build, saying why.
fn stop(why: &str) -> ! {
    println!("cargo:warning={why}");
    std::process::exit(1);
}

/// Folders of the headers of CUDA and NCCL: below `CUDA_HOME` and `NCCL_ROOT`, where pip puts them beside the package torch, or
/// the system's.
fn cuda_includes(libtorch: &Path) -> Vec<PathBuf> {
    if !libtorch.join("lib/libtorch_cuda.so").exists() {
        stop(&format!(
            "the feature nccl needs a libtorch for CUDA, and LIBTORCH is {}, which has no lib/libtorch_cuda.so: point it at an \
             unpacked libtorch 2.13.0 for CUDA, or at the folder torch of the Python package torch 2.13.0",
            libtorch.display()
        ));
    }
    let variables = ["CUDA_HOME", "NCCL_ROOT"];
    variables.iter().for_each(|variable| println!("cargo:rerun-if-env-changed={variable}"));
    let beside = std::fs::read_dir(libtorch.with_file_name("nvidia")).into_iter().flatten().flatten();
    let places: Vec<PathBuf> = variables
        .iter()
        .filter_map(std::env::var_os)
        .map(PathBuf::from)
        .chain(beside.map(|entry| entry.path()))
        .chain(["/usr/local/cuda".into(), "/usr".into()])
        .flat_map(|place| [place.join("include"), place.join("include/cccl")])
        .collect();
    let of_cuda = ["cuda_runtime_api.h", "crt/host_config.h", "nv/target"].map(|header| (header, "CUDA_HOME"));
    let folder = |(header, variable): (&str, &str)| {
        places.iter().find(|place| place.join(header).exists()).cloned().unwrap_or_else(|| {
            stop(&format!(
                "the feature nccl needs the header {header}: point {variable} at the folder whose include/ has it \
                 (docs/distributed.md says where it comes from)"
            ))
        })
    };
    of_cuda.into_iter().chain([("nccl.h", "NCCL_ROOT")]).map(folder).collect()
}
