package ai.cacheblend.worker.export;

import static ai.cacheblend.worker.export.ExportFixture.joined;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightBlock;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Content of exported models. */
final class ExporterTest {
  @TempDir Path folder;

  private ExportFixture model;

  @BeforeEach
  void setUp() {
    model = new ExportFixture(folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16", "BF16", "F64"})
  void writesEveryNumberToItsBlock(String type) throws IOException {
    for (Dtype dtype : Dtype.values()) {
      for (CheckpointFixture fixture : CheckpointFixture.all()) {
        fixture.type = type;
        model.checkpoint = folder.resolve(type + dtype + fixture.hashCode());
        model.out = folder.resolve("out" + type + dtype + fixture.hashCode());
        fixture.write(model.checkpoint);
        ModelManifest manifest = model.export(model.request(dtype));
        assertThat(ModelManifest.read(model.out)).isEqualTo(manifest);
        assertWeights(fixture, manifest);
      }
    }
  }

  private void assertWeights(CheckpointFixture fixture, ModelManifest manifest) throws IOException {
    assertThat(model.numbers(manifest.weight("embed.weight")))
        .containsExactly(joined(fixture, "model.embed_tokens.weight"));
    assertThat(model.numbers(manifest.weight("norm.weight")))
        .containsExactly(joined(fixture, "model.norm.weight"));
    if (!manifest.config().vocabulary().tiedOutput()) {
      assertThat(model.numbers(manifest.weight("output.weight")))
          .containsExactly(joined(fixture, "lm_head.weight"));
    }
    for (int layer = 0; layer < manifest.config().layerCount(); layer++) {
      String to = "layers." + layer + ".";
      String from = "model.layers." + layer + ".";
      String attention = from + "self_attn.";
      assertBlock(fixture, manifest, to + "input_norm.weight", from + "input_layernorm.weight");
      assertBlock(
          fixture,
          manifest,
          to + "qkv.weight",
          attention + "q_proj.weight",
          attention + "k_proj.weight",
          attention + "v_proj.weight");
      assertBlock(
          fixture,
          manifest,
          to + "qkv.bias",
          attention + "q_proj.bias",
          attention + "k_proj.bias",
          attention + "v_proj.bias");
      assertBlock(fixture, manifest, to + "q_norm.weight", attention + "q_norm.weight");
      assertBlock(fixture, manifest, to + "k_norm.weight", attention + "k_norm.weight");
      assertBlock(fixture, manifest, to + "attention_output.weight", attention + "o_proj.weight");
      assertBlock(fixture, manifest, to + "attention_output.bias", attention + "o_proj.bias");
      boolean gemma = isGemma(fixture);
      String afterAttention = from + "post_attention_layernorm.weight";
      String beforeMlp = from + "pre_feedforward_layernorm.weight";
      assertBlock(fixture, manifest, to + "mlp_norm.weight", gemma ? beforeMlp : afterAttention);
      assertBlock(
          fixture, manifest, to + "attention_output_norm.weight", gemma ? afterAttention : "none");
      assertBlock(
          fixture,
          manifest,
          to + "mlp_output_norm.weight",
          from + "post_feedforward_layernorm.weight");
      assertBlock(
          fixture,
          manifest,
          to + "gate_up.weight",
          from + "mlp.gate_proj.weight",
          from + "mlp.up_proj.weight");
      assertBlock(
          fixture,
          manifest,
          to + "gate_up.bias",
          from + "mlp.gate_proj.bias",
          from + "mlp.up_proj.bias");
      assertBlock(fixture, manifest, to + "down.weight", from + "mlp.down_proj.weight");
      assertBlock(fixture, manifest, to + "down.bias", from + "mlp.down_proj.bias");
    }
  }

  /** The block holds those tensors one after the other, or is missing with them. */
  private void assertBlock(
      CheckpointFixture fixture, ModelManifest manifest, String block, String... tensors)
      throws IOException {
    boolean there = manifest.weights().stream().anyMatch(weight -> weight.name().equals(block));
    assertThat(there).as(block).isEqualTo(fixture.tensors.containsKey(tensors[0]));
    if (there) {
      assertThat(model.numbers(manifest.weight(block)))
          .as(block)
          .containsExactly(joined(fixture, tensors));
    }
  }

  private static boolean isGemma(CheckpointFixture fixture) {
    return fixture.config.get("model_type").asText().startsWith("gemma");
  }

  @Test
  void shardsGiveTheSameModelAsOneFile() throws IOException {
    ModelManifest whole =
        model.export(
            ExportRequest.of(CheckpointFixture.qwen2().write(model.checkpoint), model.out));
    Path sharded = CheckpointFixture.qwen2().write(folder.resolve("sharded"), 3);
    ModelManifest pieces = model.export(ExportRequest.of(sharded, folder.resolve("model2")));
    assertThat(pieces.fingerprint()).isEqualTo(whole.fingerprint());
    assertThat(folder.resolve("model2/weights.bin"))
        .hasSameBinaryContentAs(model.out.resolve("weights.bin"));
    assertThat(folder.resolve("model2/model.onnx"))
        .hasSameBinaryContentAs(model.out.resolve("model.onnx"));
  }

  @Test
  void rotationTablesContainCosineAndSineOfPositionTimesAngle() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    ModelManifest manifest = model.export(model.request(Dtype.BF16));
    assertThat(manifest.weight("rope.cos").shape()).containsExactly(64, 3);
    assertTables(manifest, "rope", 10_000);
  }

  @Test
  void layersWithAWindowHaveRotationTablesOfTheirOwnAngles() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.gemma3();
    fixture.config.put("rope_theta", 1e6).put("rope_local_base_freq", 1e4);
    fixture.write(model.checkpoint);
    ModelManifest manifest = model.export(model.request(Dtype.FP32));
    assertTables(manifest, "rope", 1e6);
    assertTables(manifest, "window_rope", 1e4);
  }

  private void assertTables(ModelManifest manifest, String name, double theta) throws IOException {
    float[] cos = model.numbers(manifest.weight(name + ".cos"));
    float[] sin = model.numbers(manifest.weight(name + ".sin"));
    int pairs = manifest.config().attention().headSize() / 2;
    assertThat(cos).hasSize(manifest.config().maxPositionCount() * pairs);
    for (int i = 0; i < cos.length; i++) {
      int position = i / pairs;
      double angle = position * Math.pow(theta, -(double) (i % pairs) / pairs);
      assertThat(cos[i]).isEqualTo((float) Math.cos(angle));
      assertThat(sin[i]).isEqualTo((float) Math.sin(angle));
    }
  }

  @Test
  void fingerprintDependsOnTheModelOnly() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    String fingerprint = model.export(model.request(Dtype.FP32)).fingerprint();
    model.out = folder.resolve("other layers");
    assertThat(
            model
                .export(model.request(Dtype.FP32, List.of(1, 2), OptionalLong.empty()))
                .fingerprint())
        .isEqualTo(fingerprint);
    model.out = folder.resolve("other dtype");
    assertThat(model.export(model.request(Dtype.FP16)).fingerprint()).isNotEqualTo(fingerprint);

    CheckpointFixture otherTheta = CheckpointFixture.mistral();
    otherTheta.config.put("rope_theta", 5000.0);
    otherTheta.write(model.checkpoint);
    model.out = folder.resolve("other theta");
    assertThat(model.export(model.request(Dtype.FP32)).fingerprint()).isNotEqualTo(fingerprint);

    // Shows in no weight.
    CheckpointFixture otherWindow = CheckpointFixture.mistral();
    otherWindow.config.put("sliding_window", 9);
    otherWindow.write(model.checkpoint);
    model.out = folder.resolve("other window");
    assertThat(model.export(model.request(Dtype.FP32)).fingerprint()).isNotEqualTo(fingerprint);

    CheckpointFixture otherWeight = CheckpointFixture.mistral();
    otherWeight.tensors.get("model.layers.2.mlp.down_proj.weight").values()[17] += 1;
    otherWeight.write(model.checkpoint);
    model.out = folder.resolve("other weight");
    assertThat(model.export(model.request(Dtype.FP32)).fingerprint()).isNotEqualTo(fingerprint);
  }

  @Test
  void copiesTheTokenizerAndRecordsItsHash() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    ModelManifest manifest = model.export(model.request(Dtype.FP32));
    assertThat(model.out.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(model.checkpoint.resolve("tokenizer.json"));
    assertThat(model.out.resolve("tokenizer_config.json")).exists();
    assertThat(manifest.tokenizerSha256())
        .hasValue(Hashing.sha256().hashString(CheckpointFixture.TOKENIZER, UTF_8).toString());
  }

  @Test
  void randomWeightsComeFromTheConfigAlone() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.qwen2();
    fixture.config.put("initializer_range", 0.5).put("vocab_size", 4000);
    fixture.write(model.checkpoint);
    Files.delete(model.checkpoint.resolve("model.safetensors"));
    Files.delete(model.checkpoint.resolve("tokenizer.json"));
    ModelManifest manifest =
        model.export(model.request(Dtype.FP32, List.of(1), OptionalLong.of(7)));
    assertThat(ModelManifest.read(model.out)).isEqualTo(manifest);
    assertThat(manifest.tokenizerSha256()).isEmpty();
    assertThat(model.numbers(manifest.weight("norm.weight"))).containsOnly(1);
    assertThat(model.numbers(manifest.weight("layers.0.qkv.bias"))).containsOnly(0);
    float[] embedding = model.numbers(manifest.weight("embed.weight"));
    double sum = 0;
    double squares = 0;
    for (float value : embedding) {
      sum += value;
      squares += (double) value * value;
    }
    // 48,000 draws: standard errors are 0.0023 and 0.0016.
    assertThat(sum / embedding.length).isBetween(-0.01, 0.01);
    assertThat(Math.sqrt(squares / embedding.length)).isBetween(0.493, 0.507);

    model.out = folder.resolve("again");
    assertThat(
            model.export(model.request(Dtype.FP32, List.of(1), OptionalLong.of(7))).fingerprint())
        .isEqualTo(manifest.fingerprint());
    model.out = folder.resolve("other seed");
    assertThat(
            model.export(model.request(Dtype.FP32, List.of(1), OptionalLong.of(8))).fingerprint())
        .isNotEqualTo(manifest.fingerprint());
  }

  /** As in transformers, which ties the two only if the model.checkpoint has no output layer. */
  @Test
  void usesAnOutputLayerThatDiffersFromTiedEmbeddings() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.llama();
    fixture.config.put("tie_word_embeddings", true);
    fixture.write(model.checkpoint);
    List<String> warnings = new ArrayList<>();
    ModelManifest untied = model.exportWith(warnings);
    assertThat(model.numbers(untied.weight("output.weight")))
        .containsExactly(joined(fixture, "lm_head.weight"));
    assertThat(untied.config().vocabulary().tiedOutput()).isFalse();
    assertThat(warnings).singleElement().asString().contains("lm_head.weight differs");

    model.out = folder.resolve("equal");
    fixture.tensors.put("lm_head.weight", fixture.tensors.get("model.embed_tokens.weight"));
    fixture.write(model.checkpoint);
    warnings.clear();
    ModelManifest equal = model.exportWith(warnings);
    assertThat(equal.weights()).extracting(WeightBlock::name).doesNotContain("output.weight");
    assertThat(warnings).isEmpty();

    model.out = folder.resolve("absent");
    fixture.tensors.remove("lm_head.weight");
    fixture.write(model.checkpoint);
    assertThat(model.exportWith(warnings).fingerprint())
        .isEqualTo(equal.fingerprint())
        .isNotEqualTo(untied.fingerprint());
  }

  @Test
  void bosFollowsTheTokenizer() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.mistral();
    fixture.config.put("bos_token_id", 5);
    fixture.write(model.checkpoint);
    List<String> warnings = new ArrayList<>();
    assertThat(model.exportWith(warnings).bosTokenId()).hasValue(1);
    assertThat(warnings)
        .containsExactly(
            "bos_token_id of config.json is 5, but the tokenizer puts 1 before a text;"
                + " the tokenizer decides");

    model.out = folder.resolve("none");
    warnings.clear();
    Files.writeString(
        model.checkpoint.resolve("tokenizer_config.json"),
        "{\"add_bos_token\":false,\"bos_token\":null}");
    assertThat(model.exportWith(warnings).bosTokenId()).isEmpty();
    assertThat(warnings).singleElement().asString().contains("the tokenizer puts none before");
  }
}
