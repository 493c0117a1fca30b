#include "operators.h"

namespace canonical {

const std::set<std::string> OWN = {
    "_convolution", "addmm", "addmv", "baddbmm", "bmm",   "convolution", "convolution_backward",
    "cos",          "dot",   "erf",   "exp",     "exp2",  "expm1",       "log",
    "log10",        "log1p", "log2",  "mm",      "mv",    "sin",         "sqrt",
    "tanh",         "vdot",
};

const std::set<std::string> SERIAL = {
    // sums whose split among threads depends on their number
    "_batch_norm_impl_index", "_fused_rms_norm", "_fused_rms_norm_backward", "argmax", "argmin", "cumprod", "cumsum",
    "index_add", "index_put", "_index_put_impl", "linalg_vector_norm", "logcumsumexp", "logsumexp", "mean", "nansum",
    "native_batch_norm", "native_batch_norm_backward", "_native_batch_norm_legit", "native_group_norm",
    "native_group_norm_backward", "native_layer_norm", "native_layer_norm_backward", "norm", "prod", "scatter_add",
    "scatter_reduce", "std", "std_mean", "sum", "var", "var_mean", "embedding_dense_backward", "nll_loss_forward",
    "nll_loss_backward", "nll_loss2d_forward", "nll_loss2d_backward", "avg_pool2d_backward", "max_pool2d_with_indices_backward",
    "_adaptive_avg_pool2d_backward", "upsample_nearest2d_backward", "upsample_bilinear2d_backward", "mse_loss",
    "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "_batch_norm_with_update", "batch_norm_backward",
};

const std::set<std::string> LIBTORCHS = {
    // memory and shapes
    "_conj", "_efficientzerotensor", "_fw_primal", "_local_scalar_dense", "_make_dual", "_neg_view", "_pin_memory", "_reshape_alias",
    "_reshape_copy", "_to_copy", "_unsafe_view", "_version", "alias", "alias_copy", "arange", "as_strided", "as_strided_copy", "as_strided_scatter",
    "cat", "clone", "constant_pad_nd", "copy", "_copy_from", "_copy_from_and_resize", "detach", "detach_copy", "diag_embed", "diagonal", "diagonal_backward", "diagonal_copy",
    "empty", "empty_like", "empty_strided", "expand", "expand_copy", "eye", "fill", "flip", "full", "full_like", "is_coalesced", "is_pinned", "is_same_size",
    "is_set_to", "lift", "lift_fresh", "lift_fresh_copy", "linspace", "narrow_copy", "new_empty", "new_empty_strided", "new_full", "new_ones", "new_zeros",
    "ones", "ones_like", "permute", "permute_copy", "reflection_pad1d", "reflection_pad2d", "repeat", "replication_pad2d", "resize", "resize_as_", "resize_as", "roll",
    "scalar_tensor", "select", "select_backward", "select_copy", "select_scatter", "set", "set_data", "size", "slice",
    "slice_backward", "slice_copy", "slice_inverse", "slice_scatter", "split", "split_copy", "split_with_sizes", "split_with_sizes_copy", "squeeze",
    "squeeze_copy", "stack", "_stack", "stride", "sym_numel", "sym_size", "sym_storage_offset", "sym_stride", "t", "t_copy",
    "transpose", "transpose_copy", "tril", "tril_indices", "triu", "triu_indices", "unbind", "unbind_copy", "unfold", "unfold_backward",
    "unsqueeze", "unsqueeze_copy", "view", "view_as_real", "view_copy", "zero", "zeros", "zeros_like", "_unsafe_masked_index",
    "_nested_tensor_size", "_amp_foreach_non_finite_check_and_unscale", "_has_same_storage_numel",
    // choosing and comparing
    "_assert_async", "_assert_scalar", "_unique2", "all", "amax", "amin", "aminmax", "any", "bincount", "bucketize", "clamp", "clamp_max",
    "clamp_min", "embedding", "eq", "equal", "floor", "ceil", "round", "trunc", "frac", "gather", "ge", "gt", "index", "index_copy", "index_fill",
    "index_select", "is_nonzero", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "isin", "le", "logical_and", "logical_not",
    "logical_or", "logical_xor", "lt", "masked_fill", "masked_scatter", "masked_select", "max", "maximum", "min", "minimum",
    "ne", "nonzero", "nonzero_static", "scatter", "searchsorted", "sort", "_aminmax", "_softmax_mask", "topk", "unique_consecutive", "unique_dim", "where", "nan_to_num",
    "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "__and__", "__or__", "__xor__", "__lshift__", "__rshift__",
    "bitwise_left_shift", "bitwise_right_shift", "value_selecting_reduction_backward", "masked_select_backward", "evenly_distribute_backward",
    // arithmetic of one element
    "abs", "add", "addcdiv", "addcmul", "div", "floor_divide", "fmod", "lerp", "mul", "neg", "pow", "reciprocal", "remainder", "rsqrt",
    "rsub", "sgn", "sigmoid", "sigmoid_backward", "sign", "square", "sub", "tanh_backward",
    // functions of one element, in libtorch's own vector code
    "celu", "elu", "elu_backward", "gelu", "gelu_backward", "glu", "glu_backward", "hardsigmoid", "hardsigmoid_backward", "hardswish", "hardswish_backward",
    "hardtanh", "hardtanh_backward", "leaky_relu", "leaky_relu_backward", "log_sigmoid_backward", "log_sigmoid_forward",
    "mish", "mish_backward", "relu", "silu", "silu_backward", "softplus", "softplus_backward", "threshold", "threshold_backward",
    "binary_cross_entropy_backward", "binary_cross_entropy_with_logits", "huber_loss_backward", "mse_loss_backward", "smooth_l1_loss_backward",
    // along a row
    "_log_softmax", "_log_softmax_backward_data", "_softmax", "_softmax_backward_data", "_safe_softmax", "_fused_sdp_choice",
    "_adaptive_avg_pool2d", "adaptive_avg_pool2d", "avg_pool2d", "max_pool2d_with_indices", "upsample_bilinear2d", "upsample_nearest2d",
    "adaptive_max_pool2d",
};

}  // namespace canonical
