package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.worker.model.ModelConfig.Attention;
import ai.cacheblend.worker.model.ModelConfig.FeedForward;
import ai.cacheblend.worker.model.ModelConfig.Vocabulary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class WeightsVerificationTest {

  private static final int PIECE = WeightChecksums.PIECE_BYTES;

  /** Bytes of the large block: three pieces and a short one. */
  private static final int LARGE = 3 * PIECE + 4096;

  private static final List<WeightBlock> WEIGHTS =
      List.of(
          new WeightBlock("small", Dtype.FP32, List.of(10), 0),
          new WeightBlock("large", Dtype.FP32, List.of(LARGE / 4), 4096));

  @TempDir Path folder;
  private ModelManifest manifest;

  @BeforeEach
  void writeWeights() throws IOException {
    Random random = new Random(3);
    List<WeightChecksums> checksums = new ArrayList<>();
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve("weights.bin"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (WeightBlock block : WEIGHTS) {
        byte[] bytes = new byte[(int) block.byteCount()];
        random.nextBytes(bytes);
        channel.write(ByteBuffer.wrap(bytes), block.offset());
        checksums.add(digestInParts(block.name(), bytes));
      }
    }
    manifest =
        ModelManifest.of(
            "tiny",
            Optional.empty(),
            ModelDtypes.of(Dtype.FP32),
            List.of(1),
            new SpecialTokens(OptionalInt.empty(), List.of()),
            Optional.empty(),
            new ModelConfig(
                "LlamaForCausalLM",
                2,
                8,
                16,
                1e-5,
                new Vocabulary(32, true),
                new Attention(2, 2, 4, false, false, false, Collections.nCopies(2, 0)),
                new FeedForward(16, false),
                new RopeParameters(10000, Optional.empty())),
            WEIGHTS,
            checksums);
  }

  /** In parts that do not end where pieces do. */
  private static WeightChecksums digestInParts(String block, byte[] bytes) {
    BlockDigest digest = new BlockDigest(block);
    int part = PIECE / 3 + 1;
    for (int from = 0; from < bytes.length; from += part) {
      digest.update(ByteBuffer.wrap(bytes, from, Math.min(part, bytes.length - from)));
    }
    return digest.finish();
  }

  private void verify(VerifyMode mode) throws IOException, InterruptedException {
    try (WeightsVerification verification = WeightsVerification.start(folder, manifest, mode, 2)) {
      verification.await();
    }
  }

  private void flipBit(long offset) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve("weights.bin"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.flip().put(0, (byte) (one.get(0) ^ 16));
      channel.write(one, offset);
    }
  }

  private void refused(VerifyMode mode, String block, long first, long last) {
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> verify(mode))
        .withMessageStartingWith(
            "%s: block %s is corrupt, bytes %d to %d have CRC-32C ",
            folder.resolve("weights.bin"), block, first, last)
        .withMessageEndingWith("; export the checkpoint again");
  }

  @ParameterizedTest
  @EnumSource(VerifyMode.class)
  void acceptsTheWeightsAsTheyWereWritten(VerifyMode mode)
      throws IOException, InterruptedException {
    assertThat(manifest.checksums()).extracting(c -> c.pieceCrc32c().size()).containsExactly(1, 4);
    verify(mode);
  }

  @Test
  void namesFileBlockAndBytesOfASingleFlippedBit() throws IOException {
    flipBit(39);
    refused(VerifyMode.FULL, "small", 0, 39);
    refused(VerifyMode.SAMPLE, "small", 0, 39);
    flipBit(39);
    flipBit(4096 + 2L * PIECE - 1);
    refused(VerifyMode.FULL, "large", 4096 + PIECE, 4096 + 2L * PIECE - 1);
    flipBit(4096 + 2L * PIECE - 1);
    flipBit(4096 + LARGE - 1);
    refused(VerifyMode.SAMPLE, "large", 4096 + 3L * PIECE, 4096 + LARGE - 1);
  }

  @Test
  void sampleSkipsPiecesWithinABlockAndOffSkipsAll() throws IOException, InterruptedException {
    flipBit(4096 + PIECE + 5);
    verify(VerifyMode.SAMPLE);
    flipBit(0);
    verify(VerifyMode.OFF);
  }

  @Test
  void namesATruncatedFile() throws IOException {
    try (FileChannel channel =
        FileChannel.open(folder.resolve("weights.bin"), StandardOpenOption.WRITE)) {
      channel.truncate(4096 + 7);
    }
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> verify(VerifyMode.FULL))
        .withMessageContaining("ended while it was verified");
  }
}
