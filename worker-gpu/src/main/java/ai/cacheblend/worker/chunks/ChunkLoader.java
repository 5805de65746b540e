package ai.cacheblend.worker.chunks;

import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.kv.KvTransfer;
import ai.cacheblend.worker.kv.StoredKv;
import java.util.List;
import java.util.function.BiConsumer;

/** Moves chunks of one prompt from host memory to the device, layer by layer, on one thread. */
final class ChunkLoader implements Runnable {
  /** One chunk: its KV in host memory, and its memory on the device. */
  record Load(HostTier.Lease from, StoredKv to, LoadState state) {}

  private final List<Load> loads;
  private final KvTransfer transfer;
  private final HostTier host;
  private final LoadPace pace;
  private final LoadTimer timer;
  private final Bandwidth link;
  private final BiConsumer<ChunkKey, StoredKv> discard;
  private final long[] offsets;

  /**
   * @param loads owned: their leases are closed at the end
   * @param transfer of these chunks, in this order; owned
   * @param timer ends with the load
   * @param link receives the rate of the load, unless it has waited for storage
   * @param discard receives a chunk whose load has failed
   */
  ChunkLoader(
      List<Load> loads,
      KvTransfer transfer,
      HostTier host,
      LoadPace pace,
      LoadTimer timer,
      Bandwidth link,
      BiConsumer<ChunkKey, StoredKv> discard) {
    this.loads = List.copyOf(loads);
    this.transfer = transfer;
    this.host = host;
    this.pace = pace;
    this.timer = timer;
    this.link = link;
    this.discard = discard;
    this.offsets = new long[loads.size()];
  }

  @Override
  public void run() {
    boolean fromHost = loads.stream().allMatch(load -> load.from().missingByteCount() == 0);
    loads.forEach(load -> host.counters().beginRead());
    try (transfer) {
      transferLayers();
    }
    timer.end();
    long loadedByteCount = 0;
    for (Load load : loads) {
      boolean complete = !load.state().failed();
      long byteCount = complete ? load.from().form().byteCount() : 0;
      loadedByteCount += byteCount;
      host.counters().endRead(complete, byteCount);
      load.from().close();
    }
    if (fromHost) {
      link.add(loadedByteCount, timer.nanos());
    }
  }

  /** No failure may leave a chunk that seems to be loaded. */
  @SuppressWarnings("CatchingUnchecked")
  private void transferLayers() {
    try {
      int layerCount = loads.get(0).from().form().layerCount();
      for (int layer = 0; layer < layerCount; layer++) {
        long byteCount = 0;
        for (int i = 0; i < offsets.length; i++) {
          byteCount += arrive(i, layer);
        }
        pace.await(byteCount);
        transfer.nextLayer(offsets);
      }
    } catch (Throwable t) {
      // If the device has failed, the next step reports it. Before the transfer is closed, which
      // releases the steps that wait.
      loads.forEach(this::fail);
    }
  }

  /** Waits for a layer of a chunk, and returns its bytes. */
  private long arrive(int index, int layer) {
    Load load = loads.get(index);
    if (!load.state().failed() && load.from().awaitLayer(layer)) {
      offsets[index] = load.from().offset(layer);
      return load.from().form().layerByteCount();
    }
    offsets[index] = KvTransfer.FAILED;
    fail(load);
    return 0;
  }

  private void fail(Load load) {
    if (!load.state().failed()) {
      load.state().fail();
      discard.accept(load.from().key(), load.to());
    }
  }
}
