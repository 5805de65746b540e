package ai.cacheblend.worker.export.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.RopeParameters;
import ai.cacheblend.worker.model.RopeParameters.Llama3Scaling;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CheckpointConfigTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  private CheckpointConfig read(ObjectNode config, String... ignored) throws IOException {
    Files.writeString(folder.resolve("config.json"), config.toString());
    return CheckpointConfig.read(folder, Set.of(ignored));
  }

  /** Sets fields to JSON values. */
  private static ObjectNode with(ObjectNode config, String fields) throws IOException {
    ObjectNode changed = config.deepCopy();
    for (var field : MAPPER.readTree("{" + fields + "}").properties()) {
      changed.set(field.getKey(), field.getValue());
    }
    return changed;
  }

  @Test
  void readsAMistralConfig() throws IOException {
    CheckpointConfig config = read(CheckpointFixture.mistral().config);
    assertThat(config.model())
        .isEqualTo(
            new ModelConfig(
                "MistralForCausalLM",
                3,
                12,
                64,
                1e-5,
                new ModelConfig.Vocabulary(32, false),
                new ModelConfig.Attention(4, 2, 6, false, false, false, List.of(0, 0, 0)),
                new ModelConfig.FeedForward(20, false),
                new RopeParameters(10000, Optional.empty())));
    assertThat(config.bosTokenId()).isEqualTo(OptionalInt.of(1));
    assertThat(config.eosTokenIds()).containsExactly(2);
    assertThat(config.initializerRange()).isEqualTo(0.02);
  }

  @Test
  void readsTheFeaturesOfEachArchitecture() throws IOException {
    ModelConfig llama = read(CheckpointFixture.llamaWithBiases().config).model();
    assertThat(features(llama)).containsExactly(true, true, true, false);
    ModelConfig qwen2 = read(CheckpointFixture.qwen2().config).model();
    assertThat(features(qwen2)).containsExactly(true, false, false, false);
    ModelConfig qwen3 = read(CheckpointFixture.qwen3().config).model();
    assertThat(features(qwen3)).containsExactly(false, false, false, true);
  }

  private static List<Boolean> features(ModelConfig model) {
    return List.of(
        model.attention().qkvBias(),
        model.attention().outputBias(),
        model.feedForward().hasBias(),
        model.attention().queryKeyNorm());
  }

  /** The defaults of Hugging Face transformers 5.17. */
  @Test
  void absentFieldsHaveDefaults() throws IOException {
    ObjectNode llama = with(CheckpointFixture.llama().config, "\"hidden_size\":16");
    llama.remove(
        List.of(
            "head_dim",
            "num_key_value_heads",
            "rms_norm_eps",
            "rope_theta",
            "hidden_act",
            "tie_word_embeddings",
            "bos_token_id",
            "eos_token_id"));
    CheckpointConfig config = read(llama);
    assertThat(config.model().attention().headSize()).isEqualTo(4);
    assertThat(config.model().attention().kvHeadCount()).isEqualTo(4);
    assertThat(config.model().normEpsilon()).isEqualTo(1e-6);
    assertThat(config.model().rope()).isEqualTo(new RopeParameters(10000, Optional.empty()));
    assertThat(config.bosTokenId()).isEmpty();
    assertThat(config.eosTokenIds()).containsExactly(2);
    assertThat(read(with(llama, "\"eos_token_id\":null")).eosTokenIds()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "mistral, MistralForCausalLM, 8, 32000, 131072, 128, 2",
    "llama, LlamaForCausalLM, 32, 32000, 2048, 128, 2",
    "qwen2, Qwen2ForCausalLM, 32, 151936, 32768, 128, ''",
    "qwen3, Qwen3ForCausalLM, 32, 151936, 32768, 128, ''",
    "ministral, MinistralForCausalLM, 8, 32000, 131072, 128, 2",
  })
  void takesAllDefaultsOfTheArchitecture(
      String type, String name, int kvHeads, int vocabulary, int positions, int head, String eos)
      throws IOException {
    CheckpointConfig config =
        read(with(MAPPER.createObjectNode(), "\"architectures\":[\"" + name + "\"]"));
    ModelConfig model = config.model();
    assertThat(model.attention().kvHeadCount()).isEqualTo(kvHeads);
    assertThat(model.attention().headSize()).isEqualTo(head);
    assertThat(model.vocabulary().size()).isEqualTo(vocabulary);
    assertThat(model.maxPositionCount()).isEqualTo(positions);
    assertThat(config.eosTokenIds().toString()).isEqualTo("[" + eos + "]");
    ObjectNode nullHeads =
        with(
            MAPPER.createObjectNode(),
            "\"architectures\":[\""
                + name
                + "\"],\"model_type\":\""
                + type
                + "\",\"num_key_value_heads\":null");
    assertThat(read(nullHeads).model().attention().kvHeadCount()).isEqualTo(32);
  }

  /** Sizes that would fill memory or disk are refused before anything is allocated. */
  @ParameterizedTest
  @CsvSource({
    "num_hidden_layers, 1024",
    "num_attention_heads, 1024",
    "num_key_value_heads, 1024",
    "head_dim, 1024",
    "hidden_size, 131072",
    "intermediate_size, 1048576",
    "vocab_size, 4194304",
    "max_position_embeddings, 4194304",
  })
  void refusesSizesBeyondAnyModel(String field, int max) throws IOException {
    for (long size : new long[] {max + 1L, 1_000_000_000L, 1L << 40}) {
      ObjectNode config = CheckpointFixture.llama().config;
      config.put(field, size);
      assertThatThrownBy(() -> read(config))
          .isInstanceOf(ExportException.class)
          .hasMessageContaining("%s is %d, expected a whole number from 1 to %d", field, size, max);
    }
  }

  @Test
  void listsAllFieldsThatCannotBeHonoured() throws IOException {
    ObjectNode config =
        with(
            CheckpointFixture.llama().config,
            "\"hidden_act\":\"gelu\",\"num_experts\":8,\"use_mrope\":true,\"router\":1");
    assertThatThrownBy(() -> read(config))
        .hasMessage(
            folder.resolve("config.json")
                + ": hidden_act is \"gelu\", expected \"silu\";"
                + " num_experts is 8, expected no such field for LlamaForCausalLM;"
                + " router is 1, expected no such field for LlamaForCausalLM;"
                + " use_mrope is true, expected false;"
                + " skip fields that do not change what the model computes with: cacheblend export"
                + " --ignore-config-field num_experts --ignore-config-field router");
  }

  @ParameterizedTest
  @CsvSource({"use_mrope, false", "rope_interleaved, false", "is_llama_config, true"})
  void acceptsOnlyTheNeutralValue(String field, boolean neutral) throws IOException {
    ObjectNode config = CheckpointFixture.qwen2().config;
    config.put(field, neutral);
    assertThat(read(config).model().layerCount()).isEqualTo(3);
    config.put(field, !neutral);
    assertThatThrownBy(() -> read(config))
        .hasMessageContaining("%s is %s, expected %s", field, !neutral, neutral);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mistral | \"sliding_window\":null | 0,0,0",
        "mistral | \"sliding_window\":24 | 24,24,24",
        "ministral | \"sliding_window\":null | 0,0,0",
        "ministral | \"sliding_window\":24 | 24,24,24",
        "ministral | \"sliding_window\":24,"
            + "\"layer_types\":[\"full_attention\",\"sliding_attention\",\"full_attention\"]"
            + " | 0,24,0",
        "qwen2 | \"sliding_window\":24 | 0,0,0",
        "qwen2 | \"sliding_window\":24,\"use_sliding_window\":true | 0,0,0",
        "qwen2 | \"sliding_window\":24,\"use_sliding_window\":true,\"max_window_layers\":2"
            + " | 0,0,24",
        "qwen2 | \"sliding_window\":24,\"use_sliding_window\":true,\"max_window_layers\":0"
            + " | 24,24,24",
        "qwen2 | \"use_sliding_window\":true,\"max_window_layers\":1 | 0,4096,4096",
        "qwen3 | \"sliding_window\":24,\"use_sliding_window\":true,\"max_window_layers\":0,"
            + "\"layer_types\":[\"sliding_attention\",\"full_attention\",\"sliding_attention\"]"
            + " | 24,0,24",
        "qwen3 | \"sliding_window\":24,\"use_sliding_window\":false,\"max_window_layers\":0"
            + " | 0,0,0",
      })
  void windowsPerLayer(String architecture, String fields, String windows) throws IOException {
    ObjectNode config =
        switch (architecture) {
          case "mistral" -> CheckpointFixture.mistral().config;
          case "ministral" ->
              with(
                  CheckpointFixture.mistral().config,
                  "\"architectures\":[\"MinistralForCausalLM\"],\"model_type\":\"ministral\"");
          case "qwen2" -> CheckpointFixture.qwen2().config;
          default -> CheckpointFixture.qwen3().config;
        };
    assertThat(
            read(with(config, fields))
                .model()
                .attention()
                .layerWindows()
                .toString()
                .replace(" ", ""))
        .isEqualTo("[" + windows + "]");
  }

  @Test
  void mistralHasADefaultWindow() throws IOException {
    ObjectNode config = CheckpointFixture.mistral().config;
    config.remove("sliding_window");
    assertThat(read(config).model().attention().layerWindows()).containsExactly(4096, 4096, 4096);
  }

  @Test
  void readsBothSpellingsOfRope() throws IOException {
    String scaling =
        "\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,"
            + "\"original_max_position_embeddings\":8192";
    RopeParameters expected =
        new RopeParameters(500000, Optional.of(new Llama3Scaling(8, 1, 4, 8192)));
    ObjectNode llama = CheckpointFixture.llama().config;
    ObjectNode old =
        with(
            llama,
            "\"rope_theta\":500000.0,\"rope_scaling\":{\"rope_type\":\"llama3\"," + scaling + "}");
    ObjectNode older =
        with(llama, "\"rope_theta\":500000,\"rope_scaling\":{\"type\":\"llama3\"," + scaling + "}");
    ObjectNode current =
        with(
            llama,
            "\"rope_theta\":null,\"rope_parameters\":{\"rope_theta\":500000.0,"
                + "\"rope_type\":\"llama3\","
                + scaling
                + "}");
    assertThat(read(old).model().rope()).isEqualTo(expected);
    assertThat(read(older).model().rope()).isEqualTo(expected);
    assertThat(read(current).model().rope()).isEqualTo(expected);
    ObjectNode both =
        with(llama, "\"rope_parameters\":{\"rope_theta\":10000.0,\"rope_type\":\"default\"}");
    assertThat(read(both).model().rope()).isEqualTo(new RopeParameters(10000, Optional.empty()));
  }

  @Test
  void prefersEosIdsOfTheGenerationConfig() throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\":[5,7]}");
    assertThat(read(CheckpointFixture.mistral().config).eosTokenIds()).containsExactly(5, 7);
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\":6}");
    assertThat(read(CheckpointFixture.mistral().config).eosTokenIds()).containsExactly(6);
    Files.writeString(folder.resolve("generation_config.json"), "{}");
    assertThat(read(CheckpointFixture.mistral().config).eosTokenIds()).containsExactly(2);
  }

  /** Each refusal names the field, its value and what was expected. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"architectures\":[\"GemmaForCausalLM\"] | architectures is [\"GemmaForCausalLM\"]",
        "\"architectures\":[\"DeepseekV3ForCausalLM\"] | architectures is"
            + " [\"DeepseekV3ForCausalLM\"], expected [\"MistralForCausalLM\"] or",
        "\"architectures\":null | architectures is null",
        "\"model_type\":\"granite\" | model_type is \"granite\", expected \"llama\"",
        "\"hidden_act\":\"gelu\" | hidden_act is \"gelu\", expected \"silu\"",
        "\"partial_rotary_factor\":0.5 | partial_rotary_factor is 0.5, expected 1",
        "\"pretraining_tp\":2 | pretraining_tp is 2, expected 1",
        "\"pretraining_tp\":1e400 | pretraining_tp is ",
        "\"num_local_experts\":8 | num_local_experts is 8",
        "\"num_experts_per_tok\":2 | num_experts_per_tok is 2",
        "\"residual_multiplier\":0.22 | residual_multiplier is 0.22",
        "\"sliding_window\":24 | sliding_window is 24, expected null",
        "\"use_sliding_window\":true | use_sliding_window is true, expected false",
        "\"rope_scaling\":{\"type\":\"proportional\",\"factor\":4.0}"
            + " | rope_scaling.type is \"proportional\", expected \"default\" or \"linear\" or",
        "\"rope_scaling\":{\"type\":\"linear\"} | rope_scaling.factor is absent",
        "\"rope_scaling\":{\"type\":\"linear\",\"factor\":0.5}"
            + " | rope_scaling.factor is 0.5, expected a number >= 1",
        "\"rope_scaling\":{\"type\":\"linear\",\"factor\":2,\"beta_fast\":1}"
            + " | rope_scaling.beta_fast is 1, expected no such field for rope type linear",
        "\"rope_scaling\":{\"type\":\"yarn\",\"factor\":2,\"beta_fast\":1,\"beta_slow\":2}"
            + " | rope_scaling.beta_fast is 1, expected at least beta_slow 2.0",
        "\"rope_scaling\":{\"type\":\"longrope\",\"short_factor\":[1],\"long_factor\":[1,0]}"
            + " | rope_scaling.short_factor is [1], expected a list of",
        "\"rope_parameters\":{\"rope_type\":\"default\",\"mrope_section\":[1,1]}"
            + " | rope_parameters.mrope_section is [1,1]",
        "\"rope_parameters\":{\"full_attention\":{\"rope_theta\":1.0}}"
            + " | rope_parameters.full_attention is {\"rope_theta\":1.0}",
        "\"rope_parameters\":{\"rope_theta\":5.0} | rope_theta is 10000.0, expected 5.0",
        "\"rope_parameters\":{\"partial_rotary_factor\":0.25}"
            + " | rope_parameters.partial_rotary_factor is 0.25, expected 1",
        "\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0}"
            + " | rope_scaling.low_freq_factor is absent",
        "\"rope_scaling\":{\"rope_type\":\"llama3\",\"type\":\"linear\"} | rope_scaling.type is",
        "\"vocab_size\":null | vocab_size is null, expected a whole number from 1",
        "\"hidden_size\":\"64\" | hidden_size is \"64\", expected a whole number",
        "\"num_hidden_layers\":0 | num_hidden_layers is 0",
        "\"num_hidden_layers\":-3 | num_hidden_layers is -3",
        "\"num_attention_heads\":9999999999 | num_attention_heads is 9999999999",
        "\"num_key_value_heads\":3 | num_key_value_heads is 3, expected a divisor of",
        "\"head_dim\":5 | head_dim is 5, expected an even number",
        "\"rms_norm_eps\":0 | rms_norm_eps is 0, expected a number > 0",
        "\"tie_word_embeddings\":1 | tie_word_embeddings is 1, expected true or false",
        "\"bos_token_id\":32 | bos_token_id is 32, expected less than vocab_size 32",
        "\"eos_token_id\":[2,99] | eos_token_id is [2,99], expected less than vocab_size 32",
      })
  void refusesUnsupportedValues(String fields, String message) throws IOException {
    ObjectNode config = with(CheckpointFixture.llama().config, fields);
    assertThatThrownBy(() -> read(config))
        .isInstanceOf(ExportException.class)
        .hasMessageStartingWith(folder.resolve("config.json") + ": " + message)
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("\n");
  }

  @Test
  void refusesBiasesThatTheArchitectureDoesNotHave() throws IOException {
    ObjectNode config = with(CheckpointFixture.mistral().config, "\"attention_bias\":true");
    assertThatThrownBy(() -> read(config)).hasMessageContaining("attention_bias is true");
  }

  @Test
  void slidingLayerTypesNeedAWindow() throws IOException {
    ObjectNode config =
        with(
            CheckpointFixture.qwen2().config,
            "\"layer_types\":[\"sliding_attention\",\"full_attention\",\"full_attention\"]");
    assertThatThrownBy(() -> read(config)).hasMessageContaining("layer_types is [");
    ObjectNode chunked =
        with(
            CheckpointFixture.qwen2().config,
            "\"layer_types\":[\"chunked_attention\",\"full_attention\",\"full_attention\"]");
    assertThatThrownBy(() -> read(chunked)).hasMessageContaining("layer_types is [");
  }

  @Test
  void ignoresOnlyUnknownFields() throws IOException {
    ObjectNode unknown = with(CheckpointFixture.llama().config, "\"house_number\":7");
    assertThatThrownBy(() -> read(unknown))
        .hasMessageContaining("house_number is 7")
        .hasMessageContaining("--ignore-config-field house_number");
    assertThat(read(unknown, "house_number").model().layerCount()).isEqualTo(3);
    ObjectNode gelu = with(CheckpointFixture.llama().config, "\"hidden_act\":\"gelu\"");
    assertThatThrownBy(() -> read(gelu, "hidden_act")).hasMessageContaining("hidden_act");
  }

  @Test
  void neutralValuesAndNullsAreAccepted() throws IOException {
    ObjectNode config =
        with(
            CheckpointFixture.llama().config,
            "\"pretraining_tp\":1,\"partial_rotary_factor\":1.0,\"quantization_config\":null,"
                + "\"num_experts\":null,\"rope_scaling\":null,\"attention_dropout\":0.1,"
                + "\"torch_dtype\":\"bfloat16\",\"use_cache\":false,\"mlp_bias\":false");
    assertThat(read(config).model()).isEqualTo(read(CheckpointFixture.llama().config).model());
  }

  @Test
  void namesAFileThatIsNotJson() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"a\": }");
    assertThatThrownBy(() -> CheckpointConfig.read(folder, Set.of()))
        .isInstanceOf(ExportException.class)
        .hasMessageContaining("config.json is not JSON (line 1");
    Files.delete(folder.resolve("config.json"));
    assertThatThrownBy(() -> CheckpointConfig.read(folder, Set.of()))
        .hasMessage(folder.resolve("config.json") + " is missing");
  }
}
