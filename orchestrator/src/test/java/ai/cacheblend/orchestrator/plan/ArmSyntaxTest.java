package ai.cacheblend.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.plan.Selector.ChunkHeadRows;
import ai.cacheblend.orchestrator.plan.Selector.ChunkHeadShare;
import ai.cacheblend.orchestrator.plan.Selector.Deviation;
import ai.cacheblend.orchestrator.plan.Selector.RandomRows;
import ai.cacheblend.orchestrator.plan.Selector.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ArmSyntaxTest {
  private static final ArmDefaults DEFAULTS = ArmDefaults.of(List.of(new CheckStep(2, 0.25)), 11);

  @Test
  void parsesEveryForm() {
    assertThat(
            ArmSyntax.parseAll(
                "full_prefill, prefix_caching,"
                    + " full_kv_reuse,cacheblend,cacheblend@0.1,cacheblend@0.1:key,"
                    + "cacheblend@1=0.2,2=0.17,3=0.15,cacheblend:key,chunk-head@0.3,"
                    + "chunk-head:k=16,random,random@0.5:seed=7",
                DEFAULTS))
        .containsExactly(
            new NamedArm("full_prefill", new Arm.FullPrefill()),
            new NamedArm("prefix_caching", new Arm.PrefixCaching()),
            new NamedArm("full_kv_reuse", new Arm.FullKvReuse()),
            blend("cacheblend", new Deviation(Tensor.VALUE, List.of(new CheckStep(2, 0.25)))),
            blend("cacheblend@0.1", new Deviation(Tensor.VALUE, List.of(new CheckStep(2, 0.1)))),
            blend("cacheblend@0.1:key", new Deviation(Tensor.KEY, List.of(new CheckStep(2, 0.1)))),
            blend(
                "cacheblend@1=0.2,2=0.17,3=0.15",
                new Deviation(
                    Tensor.VALUE,
                    List.of(
                        new CheckStep(1, 0.2), new CheckStep(2, 0.17), new CheckStep(3, 0.15)))),
            blend("cacheblend:key", new Deviation(Tensor.KEY, List.of(new CheckStep(2, 0.25)))),
            blend("chunk-head@0.3", new ChunkHeadShare(0.3)),
            blend("chunk-head:k=16", new ChunkHeadRows(16)),
            blend("random", new RandomRows(0.25, 11)),
            blend("random@0.5:seed=7", new RandomRows(0.5, 7)));
  }

  /** The number is the least ratio: that of the run, or min. */
  @Test
  void ratioCanBeAuto() {
    assertThat(ArmSyntax.parse("cacheblend@auto", DEFAULTS).arm())
        .isEqualTo(
            new Arm.CacheBlend(new Deviation(Tensor.VALUE, List.of(new CheckStep(2, 0.25))), true));
    assertThat(ArmSyntax.parse("random@auto:min=0.1:seed=4", DEFAULTS).arm())
        .isEqualTo(new Arm.CacheBlend(new RandomRows(0.1, 4), true));
    assertThat(ArmSyntax.print(new Arm.CacheBlend(new RandomRows(0.25, 11), true), DEFAULTS))
        .isEqualTo("random@auto");
    assertThat(ArmSyntax.print(new Arm.CacheBlend(new RandomRows(0.1, 11), true), DEFAULTS))
        .isEqualTo("random@auto:min=0.1");
    ArmDefaults auto = DEFAULTS.raisingRatio();
    assertThat(((Arm.CacheBlend) ArmSyntax.parse("cacheblend", auto).arm()).raisesRatio()).isTrue();
    assertThat(((Arm.CacheBlend) ArmSyntax.parse("random@0.1", auto).arm()).raisesRatio())
        .isFalse();
    assertThat(((Arm.CacheBlend) ArmSyntax.parse("chunk-head:k=3", auto).arm()).raisesRatio())
        .isFalse();
  }

  @Test
  void plainCacheblendUsesTheSelectorOfTheRun() {
    ArmDefaults random = ArmDefaults.seed(3);
    random = random.withPlain(ArmSyntax.parseSelector("random", random));

    assertThat(ArmSyntax.parse("cacheblend", random).arm())
        .isEqualTo(new Arm.CacheBlend(new RandomRows(0.15, 3)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cachblend                | arm is 'cachblend'",
        "full_prefill@0.1         | write full_prefill without @ and :",
        "cacheblend@0.1:q         | write value or key",
        "cacheblend@2             | recompute_ratio is 2.0",
        "cacheblend@-0.1          | recompute_ratio is -0.1",
        "cacheblend@x             | share is 'x'",
        "cacheblend@0=0.1         | check_layer is 0",
        "cacheblend@2=0.1,1=0.1   | list layers ascending",
        "cacheblend@1=0.1,2=0.2   | cannot keep more rows",
        "cacheblend@1.5=0.1       | use a whole number",
        "chunk-head:k=0           | chunk-head k is 0",
        "chunk-head@0.1:k=3       | not both",
        "chunk-head:n=3           | write k=NUMBER",
        "random:seed=x            | write seed=NUMBER",
        "cacheblend@0.1:key:key   | has option key twice",
        "cacheblend@0.1:key:value | write value or key",
        "query-attention@0.15     | arm is 'query-attention@0.15'",
        "prefix_cache             | arm is 'prefix_cache'",
        "prefix_caching@0.5       | write prefix_caching without",
        "cacheblend@auto:max=0.5  | write value or key",
        "cacheblend@auto:min=2    | recompute_ratio is 2.0",
        "full_kv_reuse@auto       | write full_kv_reuse without",
        "chunk-head@auto:k=3      | ratio is auto, but the selector has no single ratio",
        "random,random            | arms has random twice",
        "full_prefill,            | arm is ''",
      })
  void errorsNameValueAndRemedy(String list, String message) {
    assertThatThrownBy(() -> ArmSyntax.parseAll(list, DEFAULTS))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining(message);
  }

  private static NamedArm blend(String name, Selector selector) {
    return new NamedArm(name, new Arm.CacheBlend(selector));
  }
}
