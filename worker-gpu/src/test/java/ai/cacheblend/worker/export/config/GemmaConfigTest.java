package ai.cacheblend.worker.export.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.model.DecoderTraits;
import ai.cacheblend.worker.model.DecoderTraits.Activation;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.RopeAngles;
import ai.cacheblend.worker.model.RopeParameters;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gemma 2 and 3, in both spellings. */
final class GemmaConfigTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  private ModelConfig read(CheckpointFixture fixture, String fields) throws IOException {
    ObjectNode config = fixture.config.deepCopy();
    for (var field : MAPPER.readTree("{" + fields + "}").properties()) {
      config.set(field.getKey(), field.getValue());
    }
    Files.writeString(folder.resolve("config.json"), config.toString());
    return CheckpointConfig.read(folder, Set.of()).model();
  }

  @Test
  void gemma2HasCapsAndAWindowInEveryOtherLayer() throws IOException {
    ModelConfig model = read(CheckpointFixture.gemma2(), "");
    assertThat(model.vocabulary().tiedOutput()).isTrue();
    assertThat(model.attention().layerWindows()).containsExactly(7, 0, 7);
    assertThat(model.decoder())
        .isEqualTo(
            new DecoderTraits(
                Activation.GELU_TANH,
                true,
                Optional.of(Math.sqrt(CheckpointFixture.HIDDEN)),
                Optional.of(1 / Math.sqrt(10)),
                Optional.of(50.0),
                Optional.of(30.0),
                Optional.of(1.0),
                Optional.empty()));
    DecoderTraits others =
        read(
                CheckpointFixture.gemma2(),
                "\"attn_logit_softcapping\":40,\"final_logit_softcapping\":20")
            .decoder();
    assertThat(others.attentionSoftCap()).contains(40.0);
    assertThat(others.logitSoftCap()).contains(20.0);
    DecoderTraits uncapped =
        read(
                CheckpointFixture.gemma2(),
                "\"attn_logit_softcapping\":null,\"final_logit_softcapping\":null")
            .decoder();
    assertThat(uncapped.attentionSoftCap()).isEmpty();
    assertThat(uncapped.logitSoftCap()).isEmpty();
  }

  /** The spelling of transformers 4, which the models on the Hub have, and that of 5. */
  @Test
  void gemma3HasTwoRotaryEmbeddings() throws IOException {
    ModelConfig old =
        read(
            CheckpointFixture.gemma3(),
            """
            "rope_theta":1e6,"rope_local_base_freq":1e4,"sliding_window_pattern":2,
            "rope_scaling":{"factor":8.0,"rope_type":"linear"}
            """);
    assertThat(old.attention().layerWindows()).containsExactly(7, 0, 7);
    assertThat(old.rope(0)).isEqualTo(new RopeParameters(1e4, Optional.empty()));
    assertThat(old.rope(1).theta()).isEqualTo(1e6);
    assertThat(old.rope(1).angles().map(RopeAngles::perPosition).orElseThrow().get(0))
        .isEqualTo(1 / 8.0);
    CheckpointFixture current = CheckpointFixture.gemma3();
    current.config.remove("rope_theta");
    assertThat(
            read(
                current,
                """
                "layer_types":["sliding_attention","full_attention","sliding_attention"],
                "rope_parameters":{
                  "full_attention":{"factor":8.0,"rope_type":"linear","rope_theta":1e6},
                  "sliding_attention":{"rope_type":"default","rope_theta":1e4}}
                """))
        .isEqualTo(old);
  }

  @Test
  void gemma3HasTheDefaultsOfTransformers() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.gemma3();
    fixture.config.remove("rope_theta");
    ModelConfig model = read(fixture, "\"num_hidden_layers\":12");
    assertThat(model.attention().layerWindows())
        .isEqualTo(List.of(7, 7, 7, 7, 7, 0, 7, 7, 7, 7, 7, 0));
    assertThat(model.rope(0).theta()).isEqualTo(10_000);
    assertThat(model.rope(5).theta()).isEqualTo(1_000_000);
    assertThat(model.decoder().attentionSoftCap()).isEmpty();
    assertThat(model.decoder().logitSoftCap()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"Gemma2ForCausalLM, 256000, 8192", "Gemma3ForCausalLM, 262208, 131072"})
  void takesAllDefaultsOfTheArchitecture(String name, int vocabulary, int positions)
      throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"architectures\":[\"" + name + "\"]}");
    CheckpointConfig config = CheckpointConfig.read(folder, Set.of());
    assertThat(config.model().vocabulary()).isEqualTo(new ModelConfig.Vocabulary(vocabulary, true));
    assertThat(config.model().maxPositionCount()).isEqualTo(positions);
    assertThat(config.model().attention().headSize()).isEqualTo(256);
    assertThat(config.model().attention().kvHeadCount()).isEqualTo(4);
    assertThat(config.model().decoder().attentionScale()).contains(1 / 16.0);
    assertThat(config.eosTokenIds()).containsExactly(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"hidden_activation\":\"gelu\" | hidden_activation is \"gelu\", expected"
            + " \"gelu_pytorch_tanh\"",
        "\"use_bidirectional_attention\":true | use_bidirectional_attention is true, expected"
            + " false",
        "\"attn_logit_softcapping\":50.0 | attn_logit_softcapping is 50.0, expected null",
        "\"sliding_window\":null | sliding_window is null, expected a whole number > 0",
        "\"query_pre_attn_scalar\":0 | query_pre_attn_scalar is 0, expected a number > 0",
        "\"final_logit_softcapping\":-1 | final_logit_softcapping is -1, expected a number > 0",
        "\"rope_parameters\":{\"rope_theta\":1e4} | rope_parameters is {\"rope_theta\":10000.0},"
            + " expected an object with full_attention",
        "\"layer_types\":[\"full_attention\"] | expected a list of 3 layer types",
      })
  void refusesWhatTheGraphWouldNotHonour(String fields, String message) {
    assertThatThrownBy(() -> read(CheckpointFixture.gemma3(), fields))
        .isInstanceOf(ExportException.class)
        .hasMessageContaining(message);
  }
}
