package ai.cacheblend.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.plan.Selector.ChunkHeadRows;
import ai.cacheblend.orchestrator.plan.Selector.ChunkHeadShare;
import ai.cacheblend.orchestrator.plan.Selector.Deviation;
import ai.cacheblend.orchestrator.plan.Selector.DeviationAttention;
import ai.cacheblend.orchestrator.plan.Selector.HeadAttention;
import ai.cacheblend.orchestrator.plan.Selector.QueryAttention;
import ai.cacheblend.orchestrator.plan.Selector.RandomRows;
import ai.cacheblend.orchestrator.plan.Selector.Tensor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Round trips of random arms under random defaults through both forms. */
final class ArmFormsTest {
  private static final int ROUNDS = 2000;
  private static final long SEED = 20260101;
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Random random = new Random(SEED);

  @Test
  void textFormRoundTrips() {
    for (int i = 0; i < ROUNDS; i++) {
      ArmDefaults defaults = defaults();
      Arm arm = arm();
      String text = ArmSyntax.print(arm, defaults);

      assertThat(ArmSyntax.parse(text, defaults).arm())
          .as("%s, round %s of seed %s", text, i, SEED)
          .isEqualTo(arm);
      // Also in a list, where a comma ends an arm or continues its schedule.
      assertThat(ArmSyntax.parseAll("cacheblend," + text, defaults))
          .as(text)
          .contains(new NamedArm(text, arm))
          .hasSize(2);
    }
  }

  @Test
  void jsonFormRoundTripsUnderOtherDefaults() throws JsonProcessingException {
    for (int i = 0; i < ROUNDS; i++) {
      Arm arm = arm();
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      ArmJson.write(arm, json);
      JsonFields fields = new JsonFields("arm", MAPPER.readTree(json.toString()), ArmJson.fields());

      assertThat(ArmJson.read(fields, defaults())).as("%s, round %s", json, i).isEqualTo(arm);
    }
  }

  @Test
  void everySelectorKindIsTested() {
    EnumSet<SelectorKind> seen = EnumSet.noneOf(SelectorKind.class);
    for (int i = 0; i < ROUNDS; i++) {
      seen.add(selector().kind());
    }

    assertThat(seen).containsExactly(SelectorKind.values());
    for (String name : SelectorKind.names()) {
      Selector selector = ArmSyntax.parseSelector(name, ArmDefaults.seed(0));
      assertThat(selector.ratio()).as(name).isPresent();
      assertThat(selector.withRatio(0.5).ratio()).as(name).hasValue(0.5);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'method': 'prefix_caching'}                           | prefix_caching",
        "{'method': 'full_kv_reuse', 'recompute_ratio': 0.3}    | full_kv_reuse",
        "{'method': 'cacheblend'}                               | cacheblend@0.15",
        "{'method': 'cacheblend', 'recompute_ratio': 0.3}       | cacheblend@0.3",
        "{'method': 'cacheblend', 'check_layer': 2}             | cacheblend@2=0.15",
        "{'method': 'cacheblend', 'deviation': 'k'}             | cacheblend@0.15:key",
        "{'method': 'cacheblend', 'schedule': {'2': 0.1, '1': 0.2}} | cacheblend@1=0.2,2=0.1",
        "{'method': 'cacheblend', 'selector': 'chunk-head'}     | chunk-head@0.15",
        "{'method': 'cacheblend', 'selector': 'chunk-head', 'rows_per_chunk': 3} | chunk-head:k=3",
        "{'method': 'cacheblend', 'selector': 'random', 'seed': 4} | random@0.15:seed=4",
        "{'method': 'cacheblend', 'selector': 'query-attn'}     | query-attn@0.15",
        "{'method': 'cacheblend', 'selector': 'query-attn', 'expand': true, 'attn_layers': [8, 9,"
            + " 11]} | query-attn@0.15:expand:layers=8-9,11",
        "{'method': 'cacheblend', 'selector': 'head-attn', 'recompute_ratio': 0.3} | head-attn@0.3",
        "{'method': 'cacheblend', 'selector': 'deviation-x-attn', 'deviation': 'k'} |"
            + " deviation-x-attn@0.15:key",
      })
  void absentFieldsHaveTheDefaults(String json, String text) throws JsonProcessingException {
    assertThat(ArmSyntax.print(read(json), ArmDefaults.seed(0))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'method': 'prefix_cache'}                              | method is 'prefix_cache'; use",
        "{}                                                      | method is ''; use full_prefill",
        "{'method': 'cacheblend', 'selector': 'value'}           | selector is 'value'; use"
            + " deviation",
        "{'method': 'cacheblend', 'deviation': 'q'}              | deviation is 'q'; use v or k",
        "{'method': 'cacheblend', 'schedule': {'x': 1}}          | schedule has 'x': 1; write"
            + " LAYER",
        "{'method': 'cacheblend', 'schedule': {'1': 0.1}, 'check_layer': 1} | schedule replaces",
        "{'method': 'cacheblend', 'recompute_ratio': 1.5}        | recompute_ratio is 1.5; use",
        "{'method': 'cacheblend', 'check_layer': 3000000000}     | check_layer is 3000000000; use",
        "{'method': 'cacheblend', 'selector': 'chunk-head', 'rows_per_chunk': 3, 'recompute_ratio':"
            + " 1} | rows_per_chunk replaces",
        "{'method': 'cacheblend', 'selector': 'query-attn', 'attn_layers': [3, 3]} | attention"
            + " layers are [3, 3]; list",
        "{'method': 'cacheblend', 'selector': 'query-attn', 'expand': 1} | expand is 1; use true or"
            + " false",
      })
  void wrongFieldsAreNamed(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "query-attn@0.15:expnd       | after : write expand or layers",
        "query-attn@0.15:expand=2    | write expand without =",
        "head-attn@0.15:expand       | after : write layers",
        "query-attn@0.15:layers=9-8  | layers 9-8 must ascend",
        "query-attn@0.15:layers=8,2  | attention layers are [8, 2]; list",
        "query-attn@0.15:layers=x    | write layers as 8-31",
        "query-attn@0.15:layers      | write layers as 8-31",
        "deviation-x-attn@0.15:seed=1 | after : write value or key or layers",
      })
  void wrongOptionsAreNamed(String arm, String message) {
    assertThatThrownBy(() -> ArmSyntax.parse(arm, ArmDefaults.seed(0)))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining(message);
  }

  private static Arm read(String json) throws JsonProcessingException {
    return ArmJson.read(
        new JsonFields("arm", MAPPER.readTree(json.replace('\'', '"')), ArmJson.fields()),
        ArmDefaults.seed(0));
  }

  private ArmDefaults defaults() {
    ArmDefaults defaults = ArmDefaults.of(schedule(), random.nextInt(3));
    return random.nextBoolean() ? defaults : defaults.withPlain(selector());
  }

  private Arm arm() {
    return switch (random.nextInt(7)) {
      case 0 -> new Arm.FullPrefill();
      case 2 -> new Arm.PrefixCaching();
      case 1 -> new Arm.FullKvReuse();
      default -> {
        Selector selector = selector();
        yield new Arm.CacheBlend(selector, selector.ratio().isPresent() && random.nextBoolean());
      }
    };
  }

  private Selector selector() {
    return switch (random.nextInt(8)) {
      case 0, 1 -> deviation();
      case 4 -> new QueryAttention(share(), random.nextBoolean(), layers());
      case 5 -> new HeadAttention(share(), layers());
      case 6 -> new DeviationAttention(deviation(), layers());
      case 2 -> new ChunkHeadShare(share());
      case 3 -> new ChunkHeadRows(1 + random.nextInt(100));
      default -> new RandomRows(share(), random.nextInt(5) - 1);
    };
  }

  private Deviation deviation() {
    return new Deviation(random.nextBoolean() ? Tensor.VALUE : Tensor.KEY, schedule());
  }

  /** None, or runs and single layers. */
  private List<Integer> layers() {
    return random.nextInt(3) == 0
        ? List.of()
        : random.ints(1 + random.nextInt(12), 0, 40).sorted().distinct().boxed().toList();
  }

  private List<CheckStep> schedule() {
    Set<Double> shares = new TreeSet<>(Comparator.reverseOrder());
    int count = 1 + random.nextInt(3);
    while (shares.size() < count) {
      shares.add(share());
    }
    List<CheckStep> steps = new ArrayList<>();
    int layer = 0;
    for (double share : shares) {
      layer += 1 + random.nextInt(3);
      steps.add(new CheckStep(layer, share));
    }
    return steps;
  }

  /** Round values, ends of the range and shares of many digits. */
  private double share() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(2);
      case 1 -> random.nextDouble() * 1e-5;
      case 2 -> random.nextDouble();
      default -> random.nextInt(101) / 100.0;
    };
  }
}
