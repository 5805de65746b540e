package ai.cacheblend.worker.kv;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Number format of KV below the device. FP8 and INT8 have one fp32 scale per row and KV head:
 * max|x| / B, where B is the largest code. A number is its code times the scale. {@code
 * native/kernels/kv_encoding.h} defines the rounding; CPU and CUDA give the same bits.
 */
public enum KvEncoding {
  /** The numbers of the device, unchanged. */
  NATIVE(0),
  /** E4M3 without infinities, B = 448: errors of up to max|x| / 28. */
  FP8(1),
  /** Symmetric integers, B = 127: errors of up to max|x| / 254. */
  INT8(2);

  private static final int SCALE_BYTES = Float.BYTES;

  private final int number; // KvEncoding of the native library

  KvEncoding(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Bytes of a row's head, with its scale. */
  public int headByteCount(int headSize, KvStorage.Element element) {
    return this == NATIVE ? headSize * element.byteCount() : headSize + SCALE_BYTES;
  }

  /** The name on the command line and in values: {@code native}, {@code fp8}, {@code int8}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The encoding of that name. */
  public static Optional<KvEncoding> find(String id) {
    return Arrays.stream(values()).filter(encoding -> encoding.id().equals(id)).findFirst();
  }
}
