package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Arms.FULL_KV_REUSE;
import static ai.cacheblend.worker.invariants.Arms.FULL_PREFILL;
import static ai.cacheblend.worker.invariants.Prompts.A;
import static ai.cacheblend.worker.invariants.Prompts.B;
import static ai.cacheblend.worker.invariants.Prompts.C;
import static ai.cacheblend.worker.invariants.Prompts.D;
import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static ai.cacheblend.worker.invariants.Prompts.HEAD;
import static ai.cacheblend.worker.invariants.Prompts.QUESTION;
import static ai.cacheblend.worker.invariants.Prompts.cached;
import static ai.cacheblend.worker.invariants.Prompts.plain;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector.Tensor;
import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.engine.CollectResult;
import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.GenerateResult;
import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.engine.NewToken;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.engine.Ticket;
import ai.cacheblend.worker.kv.KvPoolStatistics;
import ai.cacheblend.worker.kv.NativeStoredKv;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The result of a request does not depend on the requests whose rows share its steps. */
@ParameterizedClass
@EnumSource(SmallModel.class)
class BatchingInvariantsTest {
  private static final int STEP_ROWS = 48;
  private static final int CONDUCTOR_TOKENS = 120;
  private static final Prompt OTHER_ORDER =
      Prompts.of(plain(HEAD), cached(C), cached(A), plain(QUESTION), cached(B), plain(QUESTION));
  private static final Prompt SHORT = Prompts.of(plain(HEAD), plain(QUESTION));

  private final TestWorker alone;
  private final TestWorker batching;

  BatchingInvariantsTest(SmallModel model) {
    alone = new TestWorker(model);
    batching = TestWorker.launchingAhead(model, new BatchLimits(6, STEP_ROWS));
    for (TestWorker worker : List.of(alone, batching)) {
      worker.collect(FOUR_CHUNKS);
    }
  }

  @AfterEach
  void close() {
    alone.close();
    batching.close();
  }

  /** A request to the batching worker, and what it has returned. */
  private final class Client implements Interruption {
    private final Prompt prompt;
    private final Arm arm;
    private final int newTokenCount;
    private final List<Integer> tokens = new ArrayList<>();
    private boolean cancelled;
    private Ticket<GenerateResult> ticket;

    Client(Prompt prompt, Arm arm, int newTokenCount) {
      this.prompt = prompt;
      this.arm = arm;
      this.newTokenCount = newTokenCount;
    }

    void submit(Consumer<NewToken> afterToken) {
      ticket =
          batching
              .engine()
              .generate(
                  TestWorker.command(prompt, arm, newTokenCount),
                  token -> {
                    tokens.add(token.tokenId());
                    afterToken.accept(token);
                  },
                  this);
    }

    void cancel() {
      cancelled = true;
      ticket.withdraw();
    }

    @Override
    public Optional<FailureKind> reason() {
      return cancelled ? Optional.of(FailureKind.CANCELLED) : Optional.empty();
    }

    void assertSameAsAlone(String what) {
      TestWorker.Run expected = alone.run(prompt, arm, newTokenCount);
      if (cancelled) {
        assertThat(tokens).as(what).isEqualTo(expected.tokens().subList(0, tokens.size()));
        return;
      }
      GenerateResult result = ticket.result().join();
      assertThat(tokens).as(what).isEqualTo(expected.tokens());
      if (!(arm instanceof Arm.PrefixCaching)) { // its rows depend on the prompts before
        assertThat(result.activePositions())
            .as(what)
            .isEqualTo(expected.result().activePositions());
        assertThat(result.rows()).as(what).isEqualTo(expected.result().rows());
      }
    }
  }

  @Test
  @DisplayName("S4: random arrivals and cancellations do not change tokens and rows of a request")
  void randomNeighboursDoNotChangeARequest() {
    // Shares as in S1: below the share of rows that deviate at all.
    List<Arm> arms =
        List.of(
            FULL_PREFILL,
            FULL_KV_REUSE,
            Arms.PREFIX_CACHING,
            Arms.byValue(0.15),
            Arms.gradual(0.4, 0.3, 0.1),
            Arms.byKey(0.15),
            Arms.queryAttention(0.15),
            // Probes that end in other layers of a step than their neighbours.
            Arms.queryAttention(0.15, 0),
            Arms.queryAttention(0.15, 1, 3),
            Arms.expanded(0.15),
            Arms.headAttention(0.3),
            Arms.deviationAttention(Tensor.VALUE, 0.1),
            Arms.chunkHeads(0.2),
            Arms.random(0.4));
    SplittableRandom random = new SplittableRandom(14);
    List<Prompt> prompts = List.of(FOUR_CHUNKS, OTHER_ORDER, SHORT);
    List<Client> clients = new ArrayList<>();
    Client conductor = new Client(SHORT, FULL_PREFILL, CONDUCTOR_TOKENS);
    // On the scheduler thread between two steps, so that a seed gives one sequence of events.
    conductor.submit(
        token -> {
          for (int arrivals = random.nextInt(3); arrivals > 0; arrivals--) {
            Client client =
                new Client(
                    prompts.get(random.nextInt(prompts.size())),
                    arms.get(clients.size() % arms.size()),
                    random.nextInt(1, 8));
            if (batching.engine().waitingCount() < 20) {
              client.submit(unused -> {});
              clients.add(client);
            }
          }
          if (!clients.isEmpty() && random.nextInt(4) == 0) {
            clients.get(random.nextInt(clients.size())).cancel();
          }
        });
    conductor.ticket.result().join();
    clients.forEach(client -> client.ticket.result().exceptionally(failure -> null).join());

    assertThat(clients.size()).isGreaterThan(60);
    conductor.assertSameAsAlone("conductor");
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).assertSameAsAlone("request " + i + ", " + clients.get(i).arm);
    }
    KvPoolStatistics pool = batching.memory().statistics();
    assertThat(pool.freeBlockCount()).isEqualTo(pool.totalBlockCount());
  }

  @Test
  @DisplayName("S5: a prefill that is divided between steps gives the result of one step")
  void dividedPrefillIsExact() {
    TestWorker.Run whole = alone.run(FOUR_CHUNKS, FULL_PREFILL, 3);
    Client divided = new Client(FOUR_CHUNKS, FULL_PREFILL, 3);
    GenerateResult result = runBeside(divided);

    List<ProbedRunner.Probe> steps = batching.takeProbes();
    // The prefill of the other request, then 47 rows beside its row.
    assertThat(firstPositions(steps)).containsExactly(0, 0, 47, 94, 141);
    Closeness.assertClose("KV", prefills(steps).get(4).kv(), whole.prefill().kv());
    assertThat(divided.tokens).isEqualTo(whole.tokens());
    assertThat(result.activePositions()).isEqualTo(whole.result().activePositions());
    assertThat(result.rows()).isEqualTo(whole.result().rows());
  }

  @Test
  @DisplayName("S5: the prefill behind a cached prefix is divided, too")
  void dividedPrefillBehindAPrefixIsExact() {
    TestWorker.Run whole = alone.run(FOUR_CHUNKS, FULL_PREFILL, 3);
    ImmutableIntArray beginning = Prompts.tokenIds(FOUR_CHUNKS).subArray(0, 70);
    batching.run(Prompts.of(plain(beginning)), Arms.PREFIX_CACHING);
    Client divided = new Client(FOUR_CHUNKS, Arms.PREFIX_CACHING, 3);
    GenerateResult result = runBeside(divided);

    assertThat(firstPositions(batching.takeProbes())).containsExactly(0, 64, 111);
    assertThat(divided.tokens).isEqualTo(whole.tokens());
    assertThat(result.rows().reused()).isEqualTo(64);
  }

  /** Runs a request whose steps have a row of another request that decodes. */
  private GenerateResult runBeside(Client client) {
    batching.takeProbes();
    Client conductor = new Client(SHORT, FULL_PREFILL, 8);
    conductor.submit(
        token -> {
          if (client.ticket == null) {
            client.submit(unused -> {});
          }
        });
    conductor.ticket.result().join();
    return client.ticket.result().join();
  }

  private static List<ProbedRunner.Probe> prefills(List<ProbedRunner.Probe> steps) {
    return steps.stream().filter(step -> step.input().positions().count() > 1).toList();
  }

  private static List<Integer> firstPositions(List<ProbedRunner.Probe> steps) {
    return prefills(steps).stream().map(step -> step.input().positions().get(0)).toList();
  }

  @Test
  @DisplayName("S6: a chunk that is collected in several steps has the KV of one step")
  void dividedChunkIsExact() {
    ImmutableIntArray chunk =
        ImmutableIntArray.builder().addAll(D).addAll(B).addAll(C).addAll(A).build();
    alone.collect(List.of(chunk));
    List<Ticket<CollectResult>> collection = new ArrayList<>();
    Client conductor = new Client(SHORT, FULL_PREFILL, 12);
    conductor.submit(
        token -> {
          if (collection.isEmpty()) {
            collection.add(batching.engine().collect(List.of(chunk), Interruption.NEVER));
          }
        });
    conductor.ticket.result().join();
    collection.get(0).result().join();

    NativeStoredKv whole = alone.stored(chunk);
    NativeStoredKv divided = batching.stored(chunk);
    for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
      for (int row = 0; row < chunk.length(); row++) {
        String what = "layer " + layer + ", row " + row;
        Closeness.assertClose(what, divided.key(layer, row), whole.key(layer, row));
        Closeness.assertClose(what, divided.value(layer, row), whole.value(layer, row));
      }
    }
  }
}
