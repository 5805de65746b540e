package ai.cacheblend.orchestrator.load;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.Popularity;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PoolPromptsTest {
  private static final int POOL = 20;
  private static final int REQUESTS = 400;

  @Test
  void aFixedPoolKeepsItsChunks() {
    List<LoadPrompt> prompts = prompts(0, 1);

    assertThat(prompts).allMatch(prompt -> ids(prompt).allMatch(id -> id >= 0 && id < POOL));
    assertThat(prompts.stream().flatMapToInt(PoolPromptsTest::ids).filter(id -> id == 0).count())
        .isGreaterThan(
            prompts.stream().flatMapToInt(PoolPromptsTest::ids).filter(id -> id == 19).count());
  }

  @Test
  void aDriftingPoolGainsOneChunkPerRequestAndLosesTheOldest() {
    List<LoadPrompt> prompts = prompts(1, 1);

    long newest = 0;
    long oldest = 0;
    for (int n = 0; n < REQUESTS; n++) {
      int first = n;
      assertThat(ids(prompts.get(n))).allMatch(id -> id >= first && id < first + POOL);
      newest += ids(prompts.get(n)).filter(id -> id == first + POOL - 1).count();
      oldest += ids(prompts.get(n)).filter(id -> id == first).count();
    }
    assertThat(newest).isGreaterThan(2 * oldest);
  }

  @Test
  void equalSeedsGiveEqualStreamsAndEqualIdsEqualChunks() {
    List<LoadPrompt> prompts = prompts(1, 5);

    assertThat(prompts(1, 5)).isEqualTo(prompts);
    assertThat(prompts(1, 6)).isNotEqualTo(prompts);
    LoadPrompt one = prompts.get(100);
    assertThat(source(1).prompts(5).get().chunks()).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(one.chunks().get(i)).isEqualTo(text().chunk(one.chunkIds().get(i), 8));
    }
  }

  @Test
  void theTextIsLongEnoughForTheChunksOfAllRequests() {
    assertThat(PoolPrompts.textTokens(workload(0), REQUESTS)).isEqualTo(21 * 8);
    assertThat(PoolPrompts.textTokens(workload(1), REQUESTS)).isEqualTo((21 + REQUESTS) * 8);
  }

  private static IntStream ids(LoadPrompt prompt) {
    return prompt.chunkIds().stream();
  }

  private static List<LoadPrompt> prompts(int newChunks, long seed) {
    Supplier<LoadPrompt> prompts = source(newChunks).prompts(seed);
    return Stream.generate(prompts).limit(REQUESTS).toList();
  }

  private static PoolPrompts source(int newChunks) {
    return new PoolPrompts(workload(newChunks), text(), OptionalInt.of(1), 4);
  }

  private static LoadWorkload.Pool workload(int newChunks) {
    return new LoadWorkload.Pool(POOL, new Popularity(1), 3, 8, 4, newChunks);
  }

  private static TokenText text() {
    return new TokenText(ImmutableIntArray.copyOf(IntStream.range(0, 5000)));
  }
}
