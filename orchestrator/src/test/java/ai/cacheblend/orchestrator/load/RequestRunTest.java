package ai.cacheblend.orchestrator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadRequest.Outcome;
import ai.cacheblend.orchestrator.run.RunFailedException;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests in virtual time. */
final class RequestRunTest {
  private static final long MILLI = 1_000_000;

  private final SimulatedPace pace = new SimulatedPace();
  private final SimulatedServer server = new SimulatedServer("w1", pace, () -> 10 * MILLI);
  private final List<LoadPrompt> prompts = new ArrayList<>();

  /** Requests one after the other. */
  private List<LoadRequest> run(Arm arm, SimulatedServer... servers) {
    return run(arm, 1, servers);
  }

  private List<LoadRequest> run(Arm arm, int clients, SimulatedServer... servers) {
    return new Generator(
            pace,
            new Router(List.of(servers).stream().map(Target::new).toList()),
            new ClosedSchedule(
                pace.nanos(), clients, 0, LoadPlan.Extent.ofRequests(prompts.size())),
            new ArrayList<>(repeatedLast(prompts)).iterator()::next,
            arm,
            new LiveCounts(),
            new Waiting())
        .run();
  }

  /** A generator makes the prompt of one request more. */
  private static List<LoadPrompt> repeatedLast(List<LoadPrompt> prompts) {
    List<LoadPrompt> more = new ArrayList<>(prompts);
    more.add(prompts.get(prompts.size() - 1));
    return more;
  }

  private static LoadPrompt prompt(int... chunkIds) {
    List<PromptSegment> segments = new ArrayList<>();
    for (int id : chunkIds) {
      segments.add(new PromptSegment(ImmutableIntArray.of(100 + id, 200 + id), true));
    }
    segments.add(new PromptSegment(ImmutableIntArray.of(7), false));
    return new LoadPrompt(segments, ImmutableIntArray.copyOf(chunkIds), 3);
  }

  @Test
  void chunksAreCollectedByTheFirstRequestThatNeedsThem() {
    server.collectNanos = 5 * MILLI;
    prompts.addAll(List.of(prompt(1, 2), prompt(2, 3), prompt(1, 3)));

    List<LoadRequest> requests = run(new Arm.FullKvReuse(), server);

    assertThat(server.calls)
        .containsExactly("collect 2", "generate", "collect 1", "generate", "generate");
    assertThat(requests).extracting(r -> r.reuse().misses()).containsExactly(2, 1, 0);
    assertThat(requests).extracting(r -> r.reuse().chunks()).containsExactly(2, 2, 2);
    // The time of collecting is part of the latency.
    assertThat(requests).extracting(LoadRequest::ttftSeconds).containsExactly(0.015, 0.015, 0.010);
  }

  @Test
  void fullPrefillCollectsNothing() {
    prompts.add(prompt(1, 2));

    LoadRequest request = run(new Arm.FullPrefill(), server).get(0);

    assertThat(server.calls).containsExactly("generate");
    assertThat(request.reuse()).isEqualTo(LoadRequest.Reuse.NONE);
    assertThat(request.rows().orElseThrow().computedTokenCount()).isEqualTo(5);
  }

  @Test
  void anEvictedChunkIsCollectedAgainAndCounted() {
    server.storeCapacity = 2;
    prompts.addAll(List.of(prompt(1, 2), prompt(3), prompt(1, 2)));

    LoadRequest last = run(new Arm.FullKvReuse(), server).get(2);

    assertThat(last.outcome()).isEqualTo(Outcome.OK);
    assertThat(last.reuse()).isEqualTo(new LoadRequest.Reuse(2, 2, 1));
  }

  @Test
  void aRequestThatNeverFitsFailsAfterSomeRetries() {
    server.storeCapacity = 1;
    prompts.add(prompt(1, 2));

    LoadRequest request = run(new Arm.FullKvReuse(), server).get(0);

    assertThat(request.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(request.problem().orElseThrow()).contains("NOT_FOUND");
    assertThat(request.reuse().retries()).isEqualTo(RequestRun.MAX_RETRIES);
  }

  @Test
  void refusedRequestsAreRecordedAndTheClientPauses() {
    server.queueCapacity = 0;
    prompts.addAll(List.of(prompt(), prompt(), prompt(), prompt()));

    List<LoadRequest> requests = run(new Arm.FullPrefill(), 2, server);

    assertThat(requests)
        .extracting(LoadRequest::outcome)
        .containsExactly(Outcome.OK, Outcome.REFUSED, Outcome.OK, Outcome.OK);
    assertThat(requests.get(1).lagSeconds()).isZero();
    assertThat(requests.get(1).newTokens()).isZero();
  }

  @Test
  void tokensGiveTheGapsBetweenThem() {
    server.gapNanos = 2 * MILLI;
    prompts.add(prompt());

    LoadRequest request = run(new Arm.FullPrefill(), server).get(0);

    assertThat(request.itlSeconds()).containsExactly(0.002, 0.002);
    assertThat(request.tpotSeconds()).hasValue(0.002);
    assertThat(request.e2eSeconds()).isEqualTo(0.014);
  }

  @Test
  void theWorkerThatHoldsMostChunksGetsTheRequestUnlessItsQueueIsLong() {
    SimulatedServer other = new SimulatedServer("w2", pace, () -> 10 * MILLI);
    Target first = new Target(server);
    Target second = new Target(other);
    Router router = new Router(List.of(first, second));
    ImmutableIntArray ids = ImmutableIntArray.of(1, 2, 3);
    second.stored(1);
    second.stored(2);
    first.stored(3);

    Arm reuse = new Arm.FullKvReuse();
    Arm full = new Arm.FullPrefill();
    assertThat(router.choose(reuse, ids)).hasValue(second);
    for (int i = 0; i < Router.MAX_IMBALANCE; i++) {
      second.begin();
    }
    assertThat(router.choose(reuse, ids)).hasValue(second);
    second.begin();
    assertThat(router.choose(reuse, ids)).hasValue(first);
    assertThat(router.choose(full, ids)).hasValue(first);
    first.lose("gone");
    assertThat(router.choose(full, ids)).hasValue(second);
  }

  @Test
  void prefixCachingGoesToTheWorkerWithTheLongestCommonBeginning() {
    SimulatedServer other = new SimulatedServer("w2", pace, () -> 10 * MILLI);
    Target first = new Target(server);
    Target second = new Target(other);
    Router router = new Router(List.of(first, second));
    Arm prefix = new Arm.PrefixCaching();
    first.stored(2);
    first.stored(3);
    first.prefixes().add(ImmutableIntArray.of(1, 3, 2));
    second.prefixes().add(ImmutableIntArray.of(1, 2, 4));

    assertThat(router.choose(prefix, ImmutableIntArray.of(1, 2, 3))).hasValue(second);
    assertThat(router.choose(prefix, ImmutableIntArray.of(1, 3, 4))).hasValue(first);
    assertThat(router.choose(new Arm.FullKvReuse(), ImmutableIntArray.of(1, 2, 3))).hasValue(first);
  }

  @Test
  void requestsThatBeginAlikeMeetOnOneWorkerWithPrefixCaching() {
    SimulatedServer other = new SimulatedServer("w2", pace, () -> 10 * MILLI);
    prompts.addAll(List.of(prompt(1, 2), prompt(5, 6), prompt(5, 7), prompt(1, 3), prompt(1, 2)));

    assertThat(run(new Arm.PrefixCaching(), 2, server, other))
        .extracting(LoadRequest::workerName)
        .containsExactly("w1", "w2", "w2", "w1", "w1");
  }

  @Test
  void theLeastRecentlyUsedBeginningsAreForgotten() {
    SentPrefixes prefixes = new SentPrefixes(4);
    prefixes.add(ImmutableIntArray.of(1, 2));
    prefixes.add(ImmutableIntArray.of(3, 4));
    assertThat(prefixes.commonChunks(ImmutableIntArray.of(1, 2, 3))).isEqualTo(2);
    assertThat(prefixes.commonChunks(ImmutableIntArray.of(2, 1))).isZero();

    prefixes.add(ImmutableIntArray.of(1, 2));
    prefixes.add(ImmutableIntArray.of(5));
    assertThat(prefixes.commonChunks(ImmutableIntArray.of(3, 4))).isZero();
    assertThat(prefixes.commonChunks(ImmutableIntArray.of(1, 2))).isEqualTo(2);
  }

  @Test
  void theRequestsOfALostWorkerMoveToTheOthersAndAreNotRepeated() {
    SimulatedServer other = new SimulatedServer("w2", pace, () -> 10 * MILLI);
    server.gone = true;
    prompts.addAll(List.of(prompt(), prompt(), prompt()));

    List<LoadRequest> requests = run(new Arm.FullPrefill(), server, other);

    assertThat(requests)
        .extracting(LoadRequest::outcome)
        .containsExactly(Outcome.FAILED, Outcome.OK, Outcome.OK);
    assertThat(requests).extracting(LoadRequest::workerName).containsExactly("w1", "w2", "w2");
    other.gone = true;
    assertThatThrownBy(() -> run(new Arm.FullPrefill(), server, other))
        .isInstanceOf(RunFailedException.class)
        .hasMessageContaining("no worker is left")
        .hasMessageContaining("UNAVAILABLE");
  }
}
