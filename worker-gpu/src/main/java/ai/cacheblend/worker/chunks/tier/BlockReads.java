package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.tier.DataFile.Block;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Reads the blocks of one file in ascending order, on several threads. */
final class BlockReads {
  /** Reads a block into its place. For several threads. */
  interface BlockReader {
    void read(Block block) throws IOException;
  }

  private final BlockReader reader;
  private final List<Block> blocks;
  private final List<CompletableFuture<Void>> read;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * @param blocks ascending, without gaps
   */
  BlockReads(List<Block> blocks, BlockReader reader) {
    this.reader = reader;
    this.blocks = blocks;
    this.read = Stream.generate(CompletableFuture<Void>::new).limit(blocks.size()).toList();
  }

  /**
   * Completes when all bytes before an offset are in memory; exceptionally if they cannot be read.
   */
  CompletableFuture<Void> upTo(long end) {
    return CompletableFuture.allOf(
        Stream.iterate(0, i -> i < blocks.size() && blocks.get(i).begin() < end, i -> i + 1)
            .map(read::get)
            .toArray(CompletableFuture[]::new));
  }

  /**
   * Reads on this thread, and on those of the executor that are free meanwhile. No thread uses the
   * file or the memory after it.
   *
   * @param stop whether the remaining blocks are of no use
   */
  void run(int threadCount, Executor helpers, BooleanSupplier stop) {
    try {
      for (int i = 1; i < threadCount; i++) {
        helpers.execute(() -> readBlocks(stop));
      }
    } catch (RejectedExecutionException e) {
      // The tier closes: this thread reads alone.
    }
    readBlocks(stop);
    for (int i = next.getAndAdd(blocks.size()); i < blocks.size(); i++) {
      read.get(i).completeExceptionally(new CancellationException());
    }
    for (CompletableFuture<Void> block : read) {
      block.exceptionally(failure -> null).join();
    }
  }

  /** An Error completes its block, too: {@link #run} waits for every block. */
  @SuppressWarnings("CatchingUnchecked")
  private void readBlocks(BooleanSupplier stop) {
    while (!stop.getAsBoolean()) {
      int i = next.getAndIncrement();
      if (i >= blocks.size()) {
        return;
      }
      try {
        reader.read(blocks.get(i));
        read.get(i).complete(null);
      } catch (Throwable t) {
        read.get(i).completeExceptionally(t);
      }
    }
  }
}
