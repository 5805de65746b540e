package ai.cacheblend.worker.export.gguf.blocks;

import ai.cacheblend.worker.export.weights.BlockDecoder;
import ai.cacheblend.worker.export.weights.StoredType;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The table of tensor types of GGUF files: number in the file, and decoder if it can be read. */
public enum GgmlType {
  F32(0, StoredType.F32),
  F16(1, StoredType.F16),
  Q4_0(2, LegacyBlocks.Q4_0),
  Q4_1(3, LegacyBlocks.Q4_1),
  Q5_0(6, LegacyBlocks.Q5_0),
  Q5_1(7, LegacyBlocks.Q5_1),
  Q8_0(8, LegacyBlocks.Q8_0),
  Q2_K(10, KBlocks.Q2_K),
  Q3_K(11, KBlocks.Q3_K),
  Q4_K(12, KBlocks.Q4_K),
  Q5_K(13, KBlocks.Q5_K),
  Q6_K(14, KBlocks.Q6_K),
  IQ2_XXS(16, GridBlocks.IQ2_XXS),
  IQ2_XS(17, GridBlocks.IQ2_XS),
  IQ3_XXS(18, GridBlocks.IQ3_XXS),
  IQ1_S(19, GridBlocks.IQ1_S),
  IQ4_NL(20, LegacyBlocks.IQ4_NL),
  IQ3_S(21, GridBlocks.IQ3_S),
  IQ2_S(22, GridBlocks.IQ2_S),
  IQ4_XS(23, GridBlocks.IQ4_XS),
  F64(28, StoredType.F64),
  IQ1_M(29, GridBlocks.IQ1_M),
  BF16(30, StoredType.BF16);

  private final int id;
  private final BlockDecoder decoder;

  GgmlType(int id, BlockDecoder decoder) {
    this.id = id;
    this.decoder = decoder;
  }

  public BlockDecoder decoder() {
    return decoder;
  }

  /** The type with that number; empty if it cannot be read. */
  public static Optional<GgmlType> ofId(int id) {
    return Arrays.stream(values()).filter(type -> type.id == id).findFirst();
  }

  /** The names of all types, for messages. */
  public static String names() {
    return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
  }
}
