#include "patches.h"

#include <algorithm>
#include <vector>

#include "microkernel.h"
#include "transpose.h"

namespace canonical {
namespace {

// Pixels of one output line that stand beside each other in a panel.
struct Run {
  int64_t offset, place, length;
};

void copy(const float* from, int64_t stride, float* to, int64_t length) {
  if (stride == 1) return copy_line(from, to, length);
  for (int64_t i = 0; i < length; i++) to[i] = from[i * stride];
}

}  // namespace

template <int64_t COLUMNS>
void pack_patches(const Patches& patches, int64_t row, int64_t rows, int64_t pixel, int64_t pixels, float* out) {
  // found once for all panels, by counting: divisions take longer than a row's copy
  static thread_local std::vector<const float*> starts;
  starts.resize(static_cast<size_t>(rows));
  int64_t x = row % patches.kernel_width, y = row / patches.kernel_width % patches.kernel_height;
  const float* start = patches.data + patches.start(row);
  const float* line = start - x * patches.dilation[1];
  const float* channel = line - y * patches.dilation[0] * patches.width;
  for (const float*& from : starts) {
    from = line + x * patches.dilation[1];
    if (++x < patches.kernel_width) continue;
    x = 0;
    line += patches.dilation[0] * patches.width;
    if (++y < patches.kernel_height) continue;
    y = 0;
    line = channel += patches.height * patches.width;
  }
  for (int64_t first = 0; first < pixels; first += COLUMNS) {
    const int64_t size = std::min(COLUMNS, pixels - first);
    Run runs[COLUMNS];
    int count = 0;
    for (int64_t place = 0; place < size;) {
      const int64_t at = pixel + first + place;
      const int64_t length = std::min(size - place, patches.out_width - at % patches.out_width);
      runs[count++] = {patches.offset(at), place, length};
      place += length;
    }
    for (int64_t step = 0; step < rows; step++, out += COLUMNS) {
      const float* from = starts[static_cast<size_t>(step)];
      for (int run = 0; run < count; run++) {
        copy(from + runs[run].offset, patches.stride[1], out + runs[run].place, runs[run].length);
      }
      for (int64_t place = size; place < COLUMNS; place++) out[place] = 0.0f;
    }
  }
}

template <int64_t COLUMNS>
void pack_transposed_patches(const Patches& patches, int64_t pixel, int64_t pixels, int64_t row, int64_t rows,
                             float* out) {
  for (int64_t first = 0; first < rows; first += COLUMNS) {
    const int64_t size = std::min(COLUMNS, rows - first);
    const float* starts[COLUMNS];
    for (int64_t place = 0; place < size; place++) starts[place] = patches.data + patches.start(row + first + place);
    for (int64_t step = 0; step < pixels;) {
      const int64_t offset = patches.offset(pixel + step);
      const int64_t line = patches.out_width - (pixel + step) % patches.out_width;
      if (patches.stride[1] == 1 && size == COLUMNS && std::min(line, pixels - step) >= LANES) {
        for (int64_t part = 0; part < COLUMNS; part += LANES) {
          __m256 v[LANES];
          for (int64_t lane = 0; lane < LANES; lane++) v[lane] = _mm256_loadu_ps(starts[part + lane] + offset);
          transpose(v);
          for (int64_t lane = 0; lane < LANES; lane++) _mm256_store_ps(out + lane * COLUMNS + part, v[lane]);
        }
        step += LANES;
        out += LANES * COLUMNS;
        continue;
      }
      for (int64_t place = 0; place < size; place++) out[place] = starts[place][offset];
      for (int64_t place = size; place < COLUMNS; place++) out[place] = 0.0f;
      step++;
      out += COLUMNS;
    }
  }
}

template void pack_patches<16>(const Patches&, int64_t, int64_t, int64_t, int64_t, float*);
template void pack_patches<32>(const Patches&, int64_t, int64_t, int64_t, int64_t, float*);
template void pack_transposed_patches<16>(const Patches&, int64_t, int64_t, int64_t, int64_t, float*);
template void pack_transposed_patches<32>(const Patches&, int64_t, int64_t, int64_t, int64_t, float*);

}  // namespace canonical
