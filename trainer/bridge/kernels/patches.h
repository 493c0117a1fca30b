// The unfolded matrix of a convolution, read from the image itself.
//
// It has a row for each (channel, kernel row, kernel column), in that order, and a column for each output pixel. It is packed
// for a product without ever being in memory as a whole: it would be as many times as large as the kernel has places.
#pragma once
#include <immintrin.h>

#include <array>
#include <cstdint>

namespace canonical {

// Lines of images are too short to call a function for each.
inline void copy_line(const float* from, float* to, int64_t length) {
  int64_t i = 0;
  for (; i + 8 <= length; i += 8) _mm256_storeu_ps(to + i, _mm256_loadu_ps(from + i));
  for (; i < length; i++) to[i] = from[i];
}

// An image that has its border of zeros already, and how a kernel moves over it.
struct Patches {
  const float* data;      // channels x height x width
  int64_t height, width;  // with the border
  int64_t kernel_height, kernel_width;
  std::array<int64_t, 2> stride, dilation;
  int64_t out_width;

  // Where the kernel's place of `row` lies for the first output pixel, in elements.
  int64_t start(int64_t row) const {
    const int64_t x = row % kernel_width, y = row / kernel_width % kernel_height;
    return (row / (kernel_width * kernel_height) * height + y * dilation[0]) * width + x * dilation[1];
  }

  // How far from there it lies for an output pixel.
  int64_t offset(int64_t pixel) const {
    return pixel / out_width * stride[0] * width + pixel % out_width * stride[1];
  }
};

// Packs rows [row, row + rows) and pixels [pixel, pixel + pixels) as pack_b packs a matrix of rows by pixels.
template <int64_t COLUMNS>
void pack_patches(const Patches& patches, int64_t row, int64_t rows, int64_t pixel, int64_t pixels, float* out);

// The same of the transposed matrix, of pixels by rows.
template <int64_t COLUMNS>
void pack_transposed_patches(const Patches& patches, int64_t pixel, int64_t pixels, int64_t row, int64_t rows,
                             float* out);

}  // namespace canonical
