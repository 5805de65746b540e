package ai.cacheblend.worker.chunks.tier;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.tier.DataFile.Block;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BlockReadsTest {
  private static final List<Block> BLOCKS =
      List.of(new Block(0, 10), new Block(10, 20), new Block(20, 30));

  @Test
  @Timeout(60)
  void blockWithoutMemoryFailsAndDoesNotHoldTheOthers() {
    BlockReads reads =
        new BlockReads(
            BLOCKS,
            block -> {
              if (block.begin() == 10) {
                throw new OutOfMemoryError("direct memory");
              }
            });
    reads.run(2, Runnable::run, () -> false);

    assertThat(reads.upTo(10)).isCompleted();
    assertThat(reads.upTo(11)).isCompletedExceptionally();
  }

  @Test
  @Timeout(60)
  void blocksThatAreOfNoUseAreNotRead() {
    BlockReads reads = new BlockReads(BLOCKS, block -> {});
    reads.run(1, Runnable::run, () -> true);

    assertThat(reads.upTo(1)).isCompletedExceptionally();
  }
}
