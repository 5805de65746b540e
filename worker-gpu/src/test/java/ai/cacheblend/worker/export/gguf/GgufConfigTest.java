package ai.cacheblend.worker.export.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.Checkpoint;
import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.config.CheckpointConfig;
import ai.cacheblend.worker.model.ModelConfig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GgufConfigTest {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @TempDir Path folder;

  private final Map<String, JsonNode> changes = new HashMap<>();

  private ModelConfig read(String name, Optional<RopeFactors> factors) throws IOException {
    GgufFile file = GgufFile.open(GgufExportTest.resource(name + ".gguf"));
    Map<String, JsonNode> metadata = new HashMap<>(file.metadata());
    changes.forEach(
        (key, value) -> {
          if (value.isNull()) {
            metadata.remove(key);
          } else {
            metadata.put(key, value);
          }
        });
    GgufFile changed = new GgufFile(file.path(), metadata, file.tensors());
    return CheckpointConfig.of(
            file.path(),
            GgufConfig.of(changed, GgufArchitecture.ofName(name).orElseThrow(), factors),
            Set.of())
        .model();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama.block_count         | null | llama.block_count is absent, expected a number;"
            + " convert",
        "llama.block_count         | 0    | num_hidden_layers is 0, expected a whole number from 1",
        "llama.embedding_length    | -3   | hidden_size is -3, expected a whole number from 1 to",
        "llama.attention.value_length | 8 | llama.attention.value_length is 8, expected 16, the"
            + " size of key heads",
        "llama.rope.dimension_count | 8   | partial_rotary_factor is 0.5, expected 1",
        "llama.expert_count        | 8    | llama.expert_count is 8, expected no such field",
        "llama.logit_scale         | 2    | llama.logit_scale is 2, expected no such field",
        "llama.attention.sliding_window | 32 | sliding_window is 32, expected null",
      })
  void refusesWhatTheGraphDoesNotHave(String key, String value, String message) {
    changes.put(
        key, value.equals("null") ? JSON.nullNode() : JSON.numberNode(Integer.parseInt(value)));
    assertThatThrownBy(() -> read("llama", Optional.empty()))
        .isInstanceOf(ExportException.class)
        .hasMessageContaining(message);
  }

  @Test
  void absentKeysHaveTheDefaultsOfLlamaCpp() throws IOException {
    changes.put("llama.expert_count", JSON.numberNode(0));
    changes.put("llama.attention.causal", JSON.booleanNode(true));
    changes.put("llama.tensor_data_layout", JSON.textNode("Meta AI original pth"));
    changes.put("llama.attention.head_count_kv", JSON.nullNode());
    changes.put("llama.attention.key_length", JSON.nullNode());
    changes.put("llama.attention.value_length", JSON.nullNode());
    changes.put("llama.rope.dimension_count", JSON.nullNode());
    changes.put("llama.rope.freq_base", JSON.nullNode());
    ModelConfig model = read("llama", Optional.empty());
    assertThat(model.attention().kvHeadCount()).isEqualTo(4);
    assertThat(model.attention().headSize()).isEqualTo(8);
    assertThat(model.rope().theta()).isEqualTo(10_000);
  }

  @Test
  void readsRopeScaling() throws IOException {
    changes.put("llama.rope.scaling.type", JSON.textNode("linear"));
    changes.put("llama.rope.scaling.factor", JSON.numberNode(4.0));
    double second = Math.pow(10_000, -1 / 8.0);
    assertThat(read("llama", Optional.empty()).rope().angles().orElseThrow().perPosition().get(1))
        .isEqualTo(second / 4);

    changes.clear();
    List<Double> factors = List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0);
    ModelConfig llama3 = read("llama", Optional.of(new RopeFactors(factors, factors)));
    assertThat(llama3.rope().angles().orElseThrow().perPosition().get(1)).isEqualTo(second / 2);
    assertThat(llama3.rope().angles().orElseThrow().amplitude()).isEqualTo(1);
    assertThat(llama3.maxPositionCount()).isEqualTo(256);
  }

  /** The 27 B models of Gemma, which llama.cpp knows by their layers; others: 1/√head size. */
  @ParameterizedTest
  @CsvSource({"gemma2, 46, 8", "gemma2, 26, 16", "gemma3, 62, 8", "gemma3, 34, 16"})
  void scalesQueriesOfGemmaAsLlamaCpp(String name, int layers, double squared) throws IOException {
    changes.put(name + ".block_count", JSON.numberNode(layers));
    assertThat(read(name, Optional.empty()).decoder().attentionScale())
        .contains(1 / Math.sqrt(squared));
  }

  @Test
  void readsTheRotaryEmbeddingsOfGemma3() throws IOException {
    ModelConfig model = read("gemma3", Optional.empty());
    double second = Math.pow(10_000, -1 / 8.0);
    assertThat(model.rope().angles().orElseThrow().perPosition().get(1)).isEqualTo(second / 8);
    assertThat(model.decoder().windowRope().orElseThrow().theta()).isEqualTo(10_000);
    changes.put("gemma3.rope.freq_base", JSON.numberNode(1e6));
    changes.put("gemma3.rope.freq_base_swa", JSON.numberNode(5e3));
    assertThat(read("gemma3", Optional.empty()).rope().theta()).isEqualTo(1e6);
    assertThat(read("gemma3", Optional.empty()).decoder().windowRope().orElseThrow().theta())
        .isEqualTo(5e3);
  }

  @Test
  void readsTheCapsOfGemma2() throws IOException {
    assertThat(read("gemma2", Optional.empty()).decoder().attentionSoftCap()).contains(40.0);
    changes.put("gemma2.attn_logit_softcapping", JSON.nullNode());
    changes.put("gemma2.final_logit_softcapping", JSON.nullNode());
    assertThat(read("gemma2", Optional.empty()).decoder().attentionSoftCap()).contains(50.0);
    assertThat(read("gemma2", Optional.empty()).decoder().logitSoftCap()).contains(30.0);
  }

  @Test
  void readsRopeFactorsFromTensors() throws IOException {
    Path all =
        GgufBytes.header(3, 1, 0)
            .tensor("rope_freqs.weight", 0, 0, 2)
            .data(0)
            .int32(Float.floatToRawIntBits(1.08f))
            .int32(Float.floatToRawIntBits(8f))
            .write(folder.resolve("all.gguf"));
    assertThat(RopeFactors.read(GgufFile.open(all).tensors()))
        .contains(new RopeFactors(List.of(1.08, 8.0), List.of(1.08, 8.0)));
    Path two =
        GgufBytes.header(3, 2, 0)
            .tensor("rope_factors_long.weight", 0, 0, 1)
            .tensor("rope_factors_short.weight", 0, 32, 1)
            .data(0)
            .int32(Float.floatToRawIntBits(4f))
            .data(0)
            .int32(Float.floatToRawIntBits(2f))
            .write(folder.resolve("two.gguf"));
    assertThat(RopeFactors.read(GgufFile.open(two).tensors()))
        .contains(new RopeFactors(List.of(2.0), List.of(4.0)));
  }

  @Test
  void refusesOtherArchitecturesAndPartsByName() throws IOException {
    Path file = folder.resolve("x.gguf");
    GgufBytes.header(3, 0, 1)
        .string("general.architecture")
        .int32(8)
        .string("mamba")
        .data(0)
        .write(file);
    assertThatThrownBy(() -> open(file))
        .hasMessage(
            file
                + ": general.architecture is \"mamba\", expected llama, qwen2, qwen3, phi3, gemma2,"
                + " gemma3");
    GgufBytes.header(3, 0, 1).key("split.count", 3).data(0).write(file);
    assertThatThrownBy(() -> open(file))
        .hasMessageContaining("is one of 3 parts; join them: llama-gguf-split --merge");
    GgufBytes.header(3, 0, 0).data(0).write(folder.resolve("y.gguf"));
    assertThatThrownBy(() -> open(folder))
        .hasMessageContaining("has 2 .gguf files; give one of them as --checkpoint");
  }

  private static void open(Path path) throws IOException {
    Optional<Checkpoint> unused = new GgufFormat().open(path);
  }
}
