package ai.cacheblend.worker.export.gguf.blocks;

import ai.cacheblend.worker.export.weights.BlockDecoder;
import ai.cacheblend.worker.export.weights.StoredType;
import com.google.errorprone.annotations.Immutable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The table of tensor types of GGUF files that can be read: number in the file, and decoder. */
public enum GgmlType {
  F32(0, StoredType.F32),
  F16(1, StoredType.F16),
  Q4_0(2, 32, 18, LegacyBlocks::q40),
  Q4_1(3, 32, 20, LegacyBlocks::q41),
  Q5_0(6, 32, 22, LegacyBlocks::q50),
  Q5_1(7, 32, 24, LegacyBlocks::q51),
  Q8_0(8, 32, 34, LegacyBlocks::q80),
  Q2_K(10, 256, 84, KBlocks::q2K),
  Q3_K(11, 256, 110, KBlocks::q3K),
  Q4_K(12, 256, 144, KBlocks::q4K),
  Q5_K(13, 256, 176, KBlocks::q5K),
  Q6_K(14, 256, 210, KBlocks::q6K),
  IQ2_XXS(16, 256, 66, GridBlocks::iq2Xxs),
  IQ2_XS(17, 256, 74, GridBlocks::iq2Xs),
  IQ3_XXS(18, 256, 98, GridBlocks::iq3Xxs),
  IQ1_S(19, 256, 50, GridBlocks::iq1S),
  IQ4_NL(20, 32, 18, LegacyBlocks::iq4Nl),
  IQ3_S(21, 256, 110, GridBlocks::iq3S),
  IQ2_S(22, 256, 82, GridBlocks::iq2S),
  IQ4_XS(23, 256, 136, GridBlocks::iq4Xs),
  F64(28, StoredType.F64),
  IQ1_M(29, 256, 56, GridBlocks::iq1M),
  BF16(30, StoredType.BF16);

  private final int id;
  private final BlockDecoder decoder;

  GgmlType(int id, BlockDecoder decoder) {
    this.id = id;
    this.decoder = decoder;
  }

  GgmlType(int id, int blockElements, int blockBytes, Function function) {
    this(id, new Blocks(blockElements, blockBytes, function));
  }

  /** As {@link BlockDecoder#decode}. */
  @Immutable
  private interface Function {
    void decode(ByteBuffer bytes, int offset, float[] into, int at);
  }

  private record Blocks(int blockElements, int blockBytes, Function function)
      implements BlockDecoder {
    @Override
    public void decode(ByteBuffer bytes, int offset, float[] into, int at) {
      function.decode(bytes, offset, into, at);
    }
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
