package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Stores chunks, one after the other: one prefill step for each that no tier has. */
final class ChunkCollection implements Request<CollectResult> {
  private final Resources resources;
  private final List<ImmutableIntArray> chunks;

  /** Held until the request ends, so that its chunks do not evict each other. */
  private final List<ChunkStore.Lease> leases = new ArrayList<>();

  private final List<CollectResult.Chunk> collected = new ArrayList<>();
  private RequestState state = RequestState.WAITING;

  /** The chunk that the next step computes. */
  private ChunkCapture capture;

  private long captureStartNanos;
  private long queueNanos;

  ChunkCollection(Resources resources, List<ImmutableIntArray> chunks) {
    this.resources = resources;
    this.chunks = List.copyOf(chunks);
  }

  @Override
  public RequestState state() {
    return state;
  }

  @Override
  public void start(long arrivalNanos) {
    queueNanos = resources.ticker().read() - arrivalNanos;
    continueAtNextMiss();
  }

  @Override
  public boolean prepared() {
    return state == RequestState.ENDED || capture != null;
  }

  @Override
  public void prepare() {
    continueAtNextMiss();
  }

  @Override
  public StepDemand demand() {
    return capture.demand();
  }

  @Override
  public SequenceStep nextStep(int rowCount) {
    return capture.prefill(rowCount);
  }

  @Override
  public void advance(SequenceResult unused) {
    if (!capture.complete()) {
      state = state.to(RequestState.PREFILL);
      return;
    }
    ChunkStore.Lease lease = capture.store();
    leases.add(lease);
    capture.close();
    collected.add(
        new CollectResult.Chunk(
            capture.key(),
            lease.kv().tokenCount(),
            lease.kv().byteCount(),
            false,
            resources.ticker().read() - captureStartNanos));
    capture = null;
    try {
      continueAtNextMiss();
    } catch (KvExhaustedException e) {
      // Not prepared: the scheduler calls prepare() when other requests have released memory.
      state = state.to(RequestState.PREFILL);
    }
  }

  private void continueAtNextMiss() {
    while (collected.size() < chunks.size()) {
      ImmutableIntArray tokenIds = chunks.get(collected.size());
      ChunkKey key = resources.keys().of(tokenIds);
      Optional<ChunkStore.Lease> stored =
          resources.tiers().device().lease(key, ChunkStore.Use.COLLECT);
      if (stored.isEmpty() && !resources.tiers().contains(key)) {
        captureStartNanos = resources.ticker().read();
        capture = ChunkCapture.open(resources, key, tokenIds);
        state = state.to(RequestState.PREFILL);
        return;
      }
      stored.ifPresent(leases::add);
      long byteCount = resources.pool().chunkByteCount(tokenIds.length());
      collected.add(new CollectResult.Chunk(key, tokenIds.length(), byteCount, true, 0));
    }
    state = state.to(RequestState.ENDED);
  }

  @Override
  public CollectResult result() {
    return new CollectResult(collected, queueNanos);
  }

  @Override
  public void close() {
    if (capture != null) {
      capture.close();
      capture = null;
    }
    leases.forEach(ChunkStore.Lease::close);
    leases.clear();
  }
}
