package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.engine.GenerateResult;
import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.engine.Ticket;
import ai.cacheblend.worker.invariants.Prompts.PlacedChunk;
import ai.cacheblend.worker.invariants.TestWorker.Run;
import ai.cacheblend.worker.kv.KvEncoding;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Chunks that come from tiers below the device give the results of chunks on the device. */
@Timeout(120)
@ParameterizedClass
@EnumSource(SmallModel.class)
class TierInvariantsTest {
  private static final List<Arm> ARMS =
      List.of(
          Arms.FULL_KV_REUSE,
          Arms.byValue(0.15),
          Arms.gradual(0.4, 0.3, 0.1),
          Arms.queryAttention(0.15),
          Arms.chunkHeads(0.3));

  @TempDir private Path directory;
  private final SmallModel model;
  private TestWorker worker;

  TierInvariantsTest(SmallModel model) {
    this.model = model;
  }

  @AfterEach
  void close() {
    worker.close();
  }

  @Test
  @DisplayName("T1: every arm gives the same KV, rows and tokens from every tier")
  void resultsDoNotDependOnTheTier() {
    worker = open(TestTiers.DEVICE_BYTES);
    worker.collect(FOUR_CHUNKS);
    for (Arm arm : ARMS) {
      Run device = worker.run(FOUR_CHUNKS, arm, 3);
      TestTiers.requireFromEachTier(worker, FOUR_CHUNKS, arm, device, TierKind.DEVICE);
    }
  }

  @Test
  @DisplayName("T2: a damaged file changes no result")
  void damagedFilesChangeNothing() throws IOException {
    worker = open(TestTiers.DEVICE_BYTES);
    worker.collect(FOUR_CHUNKS);
    Run device = worker.run(FOUR_CHUNKS, Arms.byValue(0.15), 3);
    Random random = new Random(1);
    for (int round = 0; round < 20; round++) {
      demote(TierKind.DISK);
      List<Path> files = files();
      flipBit(files.get(random.nextInt(files.size())), random);

      Run run = worker.run(FOUR_CHUNKS, Arms.byValue(0.15), 3);

      assertThat(run.tokens()).isEqualTo(device.tokens());
      Closeness.assertClose("round " + round, run.kv(), device.kv());
      assertThat(run.result().chunkRows()).containsKey(TierKind.DEVICE);
    }
    assertThat(worker.engine().tierStatistics().get(1).corruptCount()).isEqualTo(20);
  }

  @Test
  @DisplayName("T3: a restarted worker finds the chunks on the disk")
  void restartedWorkerFindsTheChunks() {
    worker = open(TestTiers.DEVICE_BYTES);
    worker.collect(FOUR_CHUNKS);
    Run before = worker.run(FOUR_CHUNKS, Arms.byValue(0.15), 3);
    demote(TierKind.DISK);
    worker.close();

    worker = open(TestTiers.DEVICE_BYTES);

    assertThat(worker.collect(FOUR_CHUNKS).chunks()).allMatch(chunk -> chunk.hit());
    Run after = worker.run(FOUR_CHUNKS, Arms.byValue(0.15), 3);
    assertThat(after.result().chunkRows()).containsOnlyKeys(TierKind.DISK);
    assertThat(after.tokens()).isEqualTo(before.tokens());
  }

  @Test
  @DisplayName("T4: concurrent loads, collections and evictions change no result and leak nothing")
  void concurrentMovesChangeNothing() {
    // Room for one prompt and a half: every request evicts chunks of others.
    worker = open(bytes(FOUR_CHUNKS) * 3 / 2);
    List<PlacedChunk> chunks = Prompts.chunks(FOUR_CHUNKS);
    worker.collect(FOUR_CHUNKS);
    List<Integer> expected = worker.run(FOUR_CHUNKS, Arms.byValue(0.15), 3).tokens();
    for (int round = 0; round < 30; round++) {
      if (round % 3 == 0) {
        demote(round % 2 == 0 ? TierKind.HOST : TierKind.DISK);
      }
      List<List<Integer>> tokens = new ArrayList<>();
      List<Ticket<GenerateResult>> tickets = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        List<Integer> received = new ArrayList<>();
        tokens.add(received);
        tickets.add(
            worker
                .engine()
                .generate(
                    TestWorker.command(FOUR_CHUNKS, Arms.byValue(0.15), 3),
                    token -> received.add(token.tokenId()),
                    Interruption.NEVER));
        worker
            .engine()
            .collect(
                List.of(Prompts.tokens(100 + 3L * round + i, 20), chunks.get(0).tokenIds()),
                Interruption.NEVER)
            .result()
            .join();
      }
      tickets.forEach(ticket -> ticket.result().join());
      assertThat(tokens).allMatch(expected::equals);
    }
    worker.engine().reset(List.of(), Interruption.NEVER).result().join();
    assertThat(worker.memory().statistics().sequenceCount()).isZero();
    assertThat(worker.memory().statistics().chunkCount()).isZero();
    assertThat(worker.engine().tierStatistics())
        .allMatch(tier -> tier.chunkCount() == 0 && tier.byteCount() == 0);
  }

  private TestWorker open(long deviceByteCount) {
    return new TestWorker(
        model, new BatchLimits(4, 64), pool -> tiers().open(pool, deviceByteCount));
  }

  private TestTiers tiers() {
    return new TestTiers(model, directory, KvEncoding.NATIVE);
  }

  private long bytes(Prompt prompt) {
    return Prompts.chunks(prompt).stream()
        .mapToLong(chunk -> tiers().form(chunk.tokenIds().length()).byteCount())
        .sum();
  }

  private void demote(TierKind tier) {
    TestTiers.demote(worker, FOUR_CHUNKS, tier);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void flipBit(Path file, Random random) throws IOException {
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
      long offset = random.nextLong(content.length());
      content.seek(offset);
      int value = content.read();
      content.seek(offset);
      content.write(value ^ (1 << random.nextInt(8)));
    }
  }
}
