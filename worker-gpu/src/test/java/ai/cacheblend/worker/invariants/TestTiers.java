package ai.cacheblend.worker.invariants;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.TestDevice;
import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.chunks.WritePolicy;
import ai.cacheblend.worker.chunks.tier.DiskTier;
import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.invariants.Prompts.PlacedChunk;
import ai.cacheblend.worker.invariants.TestWorker.Run;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvPool;
import com.google.common.base.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Host memory and a disk folder below the device, with room for all chunks of a test. */
record TestTiers(SmallModel model, Path directory, KvEncoding encoding) {
  static final long DEVICE_BYTES = 64L << 20;
  private static final long HOST_BYTES = 16L << 20;
  private static final long DISK_BYTES = 64L << 20;

  ChunkTiers open(KvPool pool, long deviceByteCount) {
    String fingerprint = model.profile().fingerprint();
    try {
      return new ChunkTiers(
          deviceByteCount,
          pool,
          this::form,
          Optional.of(new HostTier(pool.allocateHost(HOST_BYTES), Ticker.systemTicker())),
          List.of(
              DiskTier.open(directory, DISK_BYTES, fingerprint, encoding, Ticker.systemTicker())),
          WritePolicy.THROUGH,
          Ticker.systemTicker());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  KvForm form(int tokenCount) {
    return new KvForm(model.shape(), TestDevice.kvStorage().element(), tokenCount, encoding);
  }

  /** Moves the chunks of a prompt down, and waits until they are there. */
  static void demote(TestWorker worker, Prompt prompt, TierKind tier) {
    worker
        .engine()
        .demote(
            Prompts.chunks(prompt).stream().map(PlacedChunk::tokenIds).map(worker::key).toList(),
            tier,
            Interruption.NEVER)
        .result()
        .join();
  }

  /** Runs a prompt with its chunks from each tier, and requires the results of another run. */
  static void requireFromEachTier(
      TestWorker worker, Prompt prompt, Arm arm, Run expected, TierKind expectedFrom) {
    assertThat(expected.result().chunkRows()).containsOnlyKeys(expectedFrom);
    for (TierKind tier : List.of(TierKind.HOST, TierKind.DISK)) {
      demote(worker, prompt, tier);
      Run run = worker.run(prompt, arm, 3);
      String what = arm + " from " + tier;
      assertThat(run.result().chunkRows())
          .as(what)
          .isEqualTo(Map.of(tier, expected.result().chunkRows().get(expectedFrom)));
      assertThat(run.tokens()).as(what).isEqualTo(expected.tokens());
      assertThat(run.activeRows()).as(what).isEqualTo(expected.activeRows());
      Closeness.assertClose(what, run.kv(), expected.kv());
    }
  }
}
