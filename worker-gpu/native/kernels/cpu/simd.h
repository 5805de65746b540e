#pragma once

// A vector of floats of the width of the target instruction set, in intrinsics. Only for sources
// NAME.isa.cc, hence the unnamed namespace.

// GCC 12 warns about undefined operands inside its own intrinsics (GCC bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

namespace cacheblend {
namespace {

#if defined(__AVX512F__)

using Vec = __m512;
inline constexpr int kLanes = 16;

inline Vec Broadcast(float x) { return _mm512_set1_ps(x); }
inline Vec Load(const float* p) { return _mm512_loadu_ps(p); }
inline void Store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
inline Vec MulAdd(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
// Returns the second operand if either is NaN.
inline Vec Max(Vec a, Vec b) { return _mm512_max_ps(a, b); }
inline float MaxOfLanes(Vec v) { return _mm512_reduce_max_ps(v); }
inline float SumOfLanes(Vec v) { return _mm512_reduce_add_ps(v); }
inline bool AnyGreater(Vec a, Vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0; }

inline Vec LaneNumbers() {
  return _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

// v where first <= lane < end, `otherwise` elsewhere.
inline Vec SelectBetween(Vec lane, Vec first, Vec end, Vec v, Vec otherwise) {
  const __mmask16 inside =
      _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(lane, first, _CMP_GE_OQ), lane, end, _CMP_LT_OQ);
  return _mm512_mask_blend_ps(inside, otherwise, v);
}

// Splits x into an integer n, returned as 2^n, and the remainder in [-0.5, 0.5].
inline Vec PowerOfTwo(Vec x, Vec* rest) {
  const __m512i integer = _mm512_cvtps_epi32(x);
  *rest = _mm512_sub_ps(x, _mm512_cvtepi32_ps(integer));
  return _mm512_castsi512_ps(
      _mm512_slli_epi32(_mm512_add_epi32(integer, _mm512_set1_epi32(127)), 23));
}

#elif defined(__AVX2__) && defined(__FMA__)

using Vec = __m256;
inline constexpr int kLanes = 8;

inline Vec Broadcast(float x) { return _mm256_set1_ps(x); }
inline Vec Load(const float* p) { return _mm256_loadu_ps(p); }
inline void Store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
inline Vec MulAdd(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
inline Vec Max(Vec a, Vec b) { return _mm256_max_ps(a, b); }

inline float MaxOfLanes(Vec v) {
  __m128 m = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  m = _mm_max_ps(m, _mm_movehl_ps(m, m));
  return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

inline float SumOfLanes(Vec v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

inline bool AnyGreater(Vec a, Vec b) {
  return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)) != 0;
}

inline Vec LaneNumbers() { return _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7); }

inline Vec SelectBetween(Vec lane, Vec first, Vec end, Vec v, Vec otherwise) {
  const Vec inside =
      _mm256_and_ps(_mm256_cmp_ps(lane, first, _CMP_GE_OQ), _mm256_cmp_ps(lane, end, _CMP_LT_OQ));
  return _mm256_blendv_ps(otherwise, v, inside);
}

inline Vec PowerOfTwo(Vec x, Vec* rest) {
  const __m256i integer = _mm256_cvtps_epi32(x);
  *rest = _mm256_sub_ps(x, _mm256_cvtepi32_ps(integer));
  return _mm256_castsi256_ps(
      _mm256_slli_epi32(_mm256_add_epi32(integer, _mm256_set1_epi32(127)), 23));
}

#else

using Vec = __m128;
inline constexpr int kLanes = 4;

inline Vec Broadcast(float x) { return _mm_set1_ps(x); }
inline Vec Load(const float* p) { return _mm_loadu_ps(p); }
inline void Store(float* p, Vec v) { _mm_storeu_ps(p, v); }
inline Vec MulAdd(Vec a, Vec b, Vec c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
inline Vec Max(Vec a, Vec b) { return _mm_max_ps(a, b); }

inline float MaxOfLanes(Vec v) {
  const Vec m = _mm_max_ps(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(_mm_max_ss(m, _mm_shuffle_ps(m, m, 1)));
}

inline float SumOfLanes(Vec v) {
  const Vec s = _mm_add_ps(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

inline bool AnyGreater(Vec a, Vec b) { return _mm_movemask_ps(_mm_cmpgt_ps(a, b)) != 0; }

inline Vec LaneNumbers() { return _mm_setr_ps(0, 1, 2, 3); }

inline Vec SelectBetween(Vec lane, Vec first, Vec end, Vec v, Vec otherwise) {
  const Vec inside = _mm_and_ps(_mm_cmpge_ps(lane, first), _mm_cmplt_ps(lane, end));
  return _mm_or_ps(_mm_and_ps(inside, v), _mm_andnot_ps(inside, otherwise));
}

inline Vec PowerOfTwo(Vec x, Vec* rest) {
  const __m128i integer = _mm_cvtps_epi32(x);
  *rest = _mm_sub_ps(x, _mm_cvtepi32_ps(integer));
  return _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(integer, _mm_set1_epi32(127)), 23));
}

#endif

// Keeps a value in a register. GCC would reload it at each use.
inline Vec InRegister(Vec v) {
  asm("" : "+v"(v));
  return v;
}

// 2^x for x < 127 with relative error below 2.5e-7; exactly 0 for x < -126.5; NaN propagates.
inline Vec Exp2(Vec x) {
  // At -127 the exponent bits are zero.
  x = Max(Broadcast(-127.0f), x);
  Vec rest;
  const Vec power = PowerOfTwo(x, &rest);
  // Minimax polynomial of degree 5 for 2^rest with constant term 1; relative error 9.2e-8.
  Vec p = Broadcast(0.001326472731307149f);
  p = MulAdd(p, rest, Broadcast(0.009671512991189957f));
  p = MulAdd(p, rest, Broadcast(0.05550733581185341f));
  p = MulAdd(p, rest, Broadcast(0.24022242426872253f));
  p = MulAdd(p, rest, Broadcast(0.6931470036506653f));
  p = MulAdd(p, rest, Broadcast(1.0f));
  return p * power;
}

}  // namespace
}  // namespace cacheblend
