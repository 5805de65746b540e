package ai.cacheblend.worker.export;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.CheckpointFixture.Tensor;
import ai.cacheblend.worker.export.weights.FloatBits;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightBlock;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExporterTest {

  @TempDir Path folder;
  private Path checkpoint;
  private Path out;

  @BeforeEach
  void setUp() {
    checkpoint = folder.resolve("checkpoint");
    out = folder.resolve("model");
  }

  private ModelManifest export(ExportRequest request) throws IOException {
    return new Exporter(ExportProgress.NONE).export(request);
  }

  private ExportRequest request(Dtype dtype, List<Integer> checkLayers, OptionalLong seed) {
    return new ExportRequest(checkpoint, "tiny", out, dtype, checkLayers, seed, Set.of());
  }

  private ExportRequest request(Dtype dtype) {
    return request(dtype, List.of(1), OptionalLong.empty());
  }

  private List<String> filesBesideCheckpoint() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void refused(ExportRequest request, String... messageParts) throws IOException {
    List<String> before = filesBesideCheckpoint();
    assertThatThrownBy(() -> export(request))
        .isInstanceOf(ExportException.class)
        .hasMessageContainingAll(messageParts)
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("\n");
    assertThat(filesBesideCheckpoint()).isEqualTo(before);
  }

  /** All numbers of a block as they stand in the weights file. */
  private float[] numbers(WeightBlock block) throws IOException {
    byte[] file = Files.readAllBytes(out.resolve(ModelManifest.WEIGHTS_FILE));
    ByteBuffer bytes =
        ByteBuffer.wrap(file, (int) block.offset(), (int) block.byteCount())
            .order(ByteOrder.LITTLE_ENDIAN);
    float[] numbers = new float[(int) block.byteCount() / block.dtype().byteCount()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          switch (block.dtype()) {
            case FP32 -> bytes.getFloat();
            case FP16 -> FloatBits.fromHalf(bytes.getShort());
            case BF16 -> FloatBits.fromBfloat(bytes.getShort());
          };
    }
    return numbers;
  }

  private static float[] joined(CheckpointFixture fixture, String... tensors) {
    List<Float> numbers = new ArrayList<>();
    for (String name : tensors) {
      for (float value : fixture.tensors.get(name).values()) {
        numbers.add(value);
      }
    }
    float[] array = new float[numbers.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = numbers.get(i);
    }
    return array;
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16", "BF16", "F64"})
  void writesEveryNumberToItsBlock(String type) throws IOException {
    for (Dtype dtype : Dtype.values()) {
      for (CheckpointFixture fixture : CheckpointFixture.all()) {
        fixture.type = type;
        checkpoint = folder.resolve(type + dtype + fixture.hashCode());
        out = folder.resolve("out" + type + dtype + fixture.hashCode());
        fixture.write(checkpoint);
        ModelManifest manifest = export(request(dtype));
        assertThat(ModelManifest.read(out)).isEqualTo(manifest);
        assertWeights(fixture, manifest);
      }
    }
  }

  private void assertWeights(CheckpointFixture fixture, ModelManifest manifest) throws IOException {
    assertThat(numbers(manifest.weight("embed.weight")))
        .containsExactly(joined(fixture, "model.embed_tokens.weight"));
    assertThat(numbers(manifest.weight("norm.weight")))
        .containsExactly(joined(fixture, "model.norm.weight"));
    if (!manifest.config().vocabulary().tiedOutput()) {
      assertThat(numbers(manifest.weight("output.weight")))
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
      assertBlock(
          fixture, manifest, to + "mlp_norm.weight", from + "post_attention_layernorm.weight");
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
      assertThat(numbers(manifest.weight(block)))
          .as(block)
          .containsExactly(joined(fixture, tensors));
    }
  }

  @Test
  void shardsGiveTheSameModelAsOneFile() throws IOException {
    ModelManifest whole =
        export(ExportRequest.of(CheckpointFixture.qwen2().write(checkpoint), out));
    Path sharded = CheckpointFixture.qwen2().write(folder.resolve("sharded"), 3);
    ModelManifest pieces = export(ExportRequest.of(sharded, folder.resolve("model2")));
    assertThat(pieces.fingerprint()).isEqualTo(whole.fingerprint());
    assertThat(folder.resolve("model2/weights.bin"))
        .hasSameBinaryContentAs(out.resolve("weights.bin"));
    assertThat(folder.resolve("model2/model.onnx"))
        .hasSameBinaryContentAs(out.resolve("model.onnx"));
  }

  @Test
  void rotationTablesContainCosineAndSineOfPositionTimesAngle() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    ModelManifest manifest = export(request(Dtype.BF16));
    float[] cos = numbers(manifest.weight("rope.cos"));
    float[] sin = numbers(manifest.weight("rope.sin"));
    assertThat(cos).hasSize(64 * 3);
    for (int position = 0; position < 64; position++) {
      for (int pair = 0; pair < 3; pair++) {
        double angle = position * Math.pow(10000, -pair / 3.0);
        assertThat(cos[position * 3 + pair]).isEqualTo((float) Math.cos(angle));
        assertThat(sin[position * 3 + pair]).isEqualTo((float) Math.sin(angle));
      }
    }
  }

  @Test
  void fingerprintDependsOnTheModelOnly() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    String fingerprint = export(request(Dtype.FP32)).fingerprint();
    out = folder.resolve("other layers");
    assertThat(export(request(Dtype.FP32, List.of(1, 2), OptionalLong.empty())).fingerprint())
        .isEqualTo(fingerprint);
    out = folder.resolve("other dtype");
    assertThat(export(request(Dtype.FP16)).fingerprint()).isNotEqualTo(fingerprint);

    CheckpointFixture otherTheta = CheckpointFixture.mistral();
    otherTheta.config.put("rope_theta", 5000.0);
    otherTheta.write(checkpoint);
    out = folder.resolve("other theta");
    assertThat(export(request(Dtype.FP32)).fingerprint()).isNotEqualTo(fingerprint);

    // Shows in no weight.
    CheckpointFixture otherWindow = CheckpointFixture.mistral();
    otherWindow.config.put("sliding_window", 9);
    otherWindow.write(checkpoint);
    out = folder.resolve("other window");
    assertThat(export(request(Dtype.FP32)).fingerprint()).isNotEqualTo(fingerprint);

    CheckpointFixture otherWeight = CheckpointFixture.mistral();
    otherWeight.tensors.get("model.layers.2.mlp.down_proj.weight").values()[17] += 1;
    otherWeight.write(checkpoint);
    out = folder.resolve("other weight");
    assertThat(export(request(Dtype.FP32)).fingerprint()).isNotEqualTo(fingerprint);
  }

  @Test
  void copiesTheTokenizerAndRecordsItsHash() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    ModelManifest manifest = export(request(Dtype.FP32));
    assertThat(out.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(checkpoint.resolve("tokenizer.json"));
    assertThat(out.resolve("tokenizer_config.json")).exists();
    assertThat(manifest.tokenizerSha256())
        .hasValue(Hashing.sha256().hashString(CheckpointFixture.TOKENIZER, UTF_8).toString());
  }

  @Test
  void randomWeightsComeFromTheConfigAlone() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.qwen2();
    fixture.config.put("initializer_range", 0.5).put("vocab_size", 4000);
    fixture.write(checkpoint);
    Files.delete(checkpoint.resolve("model.safetensors"));
    Files.delete(checkpoint.resolve("tokenizer.json"));
    ModelManifest manifest = export(request(Dtype.FP32, List.of(1), OptionalLong.of(7)));
    assertThat(ModelManifest.read(out)).isEqualTo(manifest);
    assertThat(manifest.tokenizerSha256()).isEmpty();
    assertThat(numbers(manifest.weight("norm.weight"))).containsOnly(1);
    assertThat(numbers(manifest.weight("layers.0.qkv.bias"))).containsOnly(0);
    float[] embedding = numbers(manifest.weight("embed.weight"));
    double sum = 0;
    double squares = 0;
    for (float value : embedding) {
      sum += value;
      squares += (double) value * value;
    }
    // 48,000 draws: standard errors are 0.0023 and 0.0016.
    assertThat(sum / embedding.length).isBetween(-0.01, 0.01);
    assertThat(Math.sqrt(squares / embedding.length)).isBetween(0.493, 0.507);

    out = folder.resolve("again");
    assertThat(export(request(Dtype.FP32, List.of(1), OptionalLong.of(7))).fingerprint())
        .isEqualTo(manifest.fingerprint());
    out = folder.resolve("other seed");
    assertThat(export(request(Dtype.FP32, List.of(1), OptionalLong.of(8))).fingerprint())
        .isNotEqualTo(manifest.fingerprint());
  }

  /** As in transformers, which ties the two only if the checkpoint has no output layer. */
  @Test
  void usesAnOutputLayerThatDiffersFromTiedEmbeddings() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.llama();
    fixture.config.put("tie_word_embeddings", true);
    fixture.write(checkpoint);
    List<String> warnings = new ArrayList<>();
    ModelManifest untied = exportWith(warnings);
    assertThat(numbers(untied.weight("output.weight")))
        .containsExactly(joined(fixture, "lm_head.weight"));
    assertThat(untied.config().vocabulary().tiedOutput()).isFalse();
    assertThat(warnings).singleElement().asString().contains("lm_head.weight differs");

    out = folder.resolve("equal");
    fixture.tensors.put("lm_head.weight", fixture.tensors.get("model.embed_tokens.weight"));
    fixture.write(checkpoint);
    warnings.clear();
    ModelManifest equal = exportWith(warnings);
    assertThat(equal.weights()).extracting(WeightBlock::name).doesNotContain("output.weight");
    assertThat(warnings).isEmpty();

    out = folder.resolve("absent");
    fixture.tensors.remove("lm_head.weight");
    fixture.write(checkpoint);
    assertThat(exportWith(warnings).fingerprint())
        .isEqualTo(equal.fingerprint())
        .isNotEqualTo(untied.fingerprint());
  }

  @Test
  void refusesUnusedTensorsOfAnotherShapeOrType() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.llama();
    fixture.config.put("tie_word_embeddings", true);
    fixture.tensors.put("lm_head.weight", new Tensor(List.of(2, 12), new float[24]));
    fixture.write(checkpoint);
    refused(request(Dtype.FP32), "tensor lm_head.weight has shape [2, 12], expected [32, 12]");

    CheckpointFixture frequencies = CheckpointFixture.mistral();
    frequencies.add("model.layers.0.self_attn.rotary_emb.inv_freq", 4);
    frequencies.write(checkpoint);
    refused(request(Dtype.FP32), "rotary_emb.inv_freq has shape [4], expected [3]");
  }

  @Test
  void bosFollowsTheTokenizer() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.mistral();
    fixture.config.put("bos_token_id", 5);
    fixture.write(checkpoint);
    List<String> warnings = new ArrayList<>();
    assertThat(exportWith(warnings).bosTokenId()).hasValue(1);
    assertThat(warnings)
        .containsExactly(
            "bos_token_id of config.json is 5, but the tokenizer puts 1 before a text;"
                + " the tokenizer decides");

    out = folder.resolve("none");
    warnings.clear();
    Files.writeString(
        checkpoint.resolve("tokenizer_config.json"),
        "{\"add_bos_token\":false,\"bos_token\":null}");
    assertThat(exportWith(warnings).bosTokenId()).isEmpty();
    assertThat(warnings).singleElement().asString().contains("the tokenizer puts none before");
  }

  @Test
  void refusesPointersAndDanglingLinksByName() throws IOException {
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 9\n";
    for (String name : List.of("tokenizer.json", "model.safetensors", "tokenizer_config.json")) {
      CheckpointFixture.mistral().write(checkpoint);
      Files.writeString(checkpoint.resolve(name), pointer);
      refused(request(Dtype.FP32), name + " is a Git LFS pointer", "git lfs pull");
      Files.delete(checkpoint.resolve(name));
      Files.createSymbolicLink(checkpoint.resolve(name), Path.of("../blobs/gone"));
      refused(request(Dtype.FP32), name + " is a dangling link to ../blobs/gone");
      Files.delete(checkpoint.resolve(name));
    }
  }

  private ModelManifest exportWith(List<String> warnings) throws IOException {
    ExportProgress progress =
        new ExportProgress() {
          @Override
          public void written(String block, long writtenBytes, long totalBytes) {}

          @Override
          public void warning(String message) {
            warnings.add(message);
          }
        };
    return new Exporter(progress).export(request(Dtype.FP32));
  }

  @Test
  void refusesMissingMisshapenAndUnknownTensors() throws IOException {
    String name = "model.layers.1.mlp.up_proj.weight";
    CheckpointFixture missing = CheckpointFixture.mistral();
    missing.tensors.remove(name);
    missing.write(checkpoint);
    refused(request(Dtype.FP32), "model.safetensors is missing a tensor", name, "[20, 12]");

    CheckpointFixture turned = CheckpointFixture.mistral();
    Tensor right = turned.tensors.get(name);
    turned.tensors.put(name, new Tensor(List.of(12, 20), right.values()));
    turned.write(checkpoint);
    refused(
        request(Dtype.FP32),
        "model.safetensors: tensor " + name + " has shape [12, 20], expected [20, 12]");

    CheckpointFixture extra = CheckpointFixture.mistral();
    extra.add("model.layers.1.self_attn.q_proj.bias", 24);
    extra.write(checkpoint);
    refused(request(Dtype.FP32), "model.layers.1.self_attn.q_proj.bias", "is not part of");

    CheckpointFixture old = CheckpointFixture.mistral();
    old.add("model.layers.0.self_attn.rotary_emb.inv_freq", 3);
    old.write(checkpoint);
    export(request(Dtype.FP32));
  }

  @Test
  void refusesAnUnsupportedTensorType() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.mistral();
    fixture.write(checkpoint);
    Path file = checkpoint.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    int at = new String(bytes, ISO_8859_1).indexOf("F32");
    bytes[at] = 'I';
    Files.write(file, bytes);
    refused(request(Dtype.FP32), "has dtype I32, expected F32, F16, BF16 or F64");
  }

  @Test
  void refusesATruncatedFileAndABrokenIndex() throws IOException {
    CheckpointFixture.mistral().write(checkpoint, 2);
    Path shard = checkpoint.resolve("model-00002-of-00002.safetensors");
    try (FileChannel channel = FileChannel.open(shard, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 5);
    }
    refused(request(Dtype.FP32), shard + " is truncated: tensor lm_head.weight ends at");
    Files.delete(shard);
    refused(request(Dtype.FP32), shard + " is missing", "lists tensor");

    CheckpointFixture.mistral().write(checkpoint, 2);
    Path index = checkpoint.resolve("model.safetensors.index.json");
    String text = Files.readString(index);
    Files.writeString(
        index,
        text.replace("model.norm.weight\":\"model-00001", "model.norm.weight\":\"model-00002")
            .replace("lm_head.weight\":\"model-00002", "lm_head.weight\":\"model-00001"));
    refused(request(Dtype.FP32), "has no tensor", "which " + index + " lists there");
    Files.writeString(index, text.replaceFirst("model-00001-of-00002", "../secret"));
    refused(request(Dtype.FP32), "is in \"../secret.safetensors\", expected the name");
    Files.delete(index);
    refused(request(Dtype.FP32), "has neither model.safetensors nor", "index.json");
  }

  @Test
  void refusesACheckpointWithoutTokenizer() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    Files.delete(checkpoint.resolve("tokenizer.json"));
    refused(request(Dtype.FP32), checkpoint + " has no tokenizer.json");
  }

  @Test
  void refusesNumbersOutsideOfTheDtypeByTensorName() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.mistral();
    String name = "model.layers.2.self_attn.o_proj.weight";
    float[] values = fixture.tensors.get(name).values();
    values[3] = 65504f;
    fixture.write(checkpoint);
    export(request(Dtype.FP16));
    out = folder.resolve("second");
    values[3] = -65505f;
    fixture.write(checkpoint);
    refused(request(Dtype.FP16), "tensor " + name + " holds -65505.0", "fp16", "65504");
    values[3] = Float.MAX_VALUE;
    fixture.write(checkpoint);
    refused(request(Dtype.BF16), "tensor " + name + " holds 3.4028235E38", "bf16");
    values[3] = Float.NaN;
    fixture.write(checkpoint);
    refused(request(Dtype.FP32), "tensor " + name + " holds NaN");
  }

  @Test
  void refusesCheckLayersThatTheModelDoesNotHave() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    refused(
        request(Dtype.FP32, List.of(1, 3), OptionalLong.empty()), "check layers: 3 is not in 1..2");
    assertThatThrownBy(() -> request(Dtype.FP32, List.of(0), OptionalLong.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0, must be >= 1");
    assertThatThrownBy(() -> request(Dtype.FP32, List.of(2, 2), OptionalLong.empty()))
        .hasMessageContaining("2 after 2, expected ascending");
    assertThatThrownBy(() -> request(Dtype.FP32, List.of(), OptionalLong.empty()))
        .hasMessageContaining("none given");
  }

  @Test
  void refusesANonEmptyOutputFolder() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    Files.createDirectory(out);
    Path precious = Files.writeString(out.resolve("precious"), "mine");
    refused(request(Dtype.FP32), out + " is not empty");
    assertThat(precious).hasContent("mine");
    Files.delete(precious);
    export(request(Dtype.FP32));
    assertThat(ModelManifest.read(out).name()).isEqualTo("tiny");
    refused(request(Dtype.FP32), out + " is not empty");
    out = checkpoint.resolve("config.json");
    refused(request(Dtype.FP32), "config.json is not a directory");
    out = checkpoint.resolve("config.json/below");
    refused(request(Dtype.FP32), "config.json is not a directory");
  }

  @Test
  void deletesTheOutputOfAFailedExport() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    Exporter failing =
        new Exporter(
            (block, written, total) -> {
              assertThat(out).doesNotExist();
              if (written > total / 2) {
                throw new IllegalStateException("disk on fire");
              }
            });
    assertThatThrownBy(() -> failing.export(request(Dtype.FP32))).hasMessage("disk on fire");
    assertThat(filesBesideCheckpoint()).containsExactly("checkpoint");
  }

  @Test
  void replacesTheOutputOfAKilledExport() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    Path partial = Files.createDirectory(folder.resolve("model.partial"));
    Files.write(partial.resolve("weights.bin"), new byte[1 << 20]);
    Files.writeString(partial.resolve("stale"), "old");
    assertThatThrownBy(() -> ModelManifest.read(partial)).hasMessageContaining("no model.json");
    ModelManifest manifest = export(request(Dtype.FP32));
    assertThat(ModelManifest.read(out)).isEqualTo(manifest);
    assertThat(out.resolve("stale")).doesNotExist();
    assertThat(partial).doesNotExist();
  }

  @Test
  void refusesTwoExportsToOneFolder() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    List<String> second = new ArrayList<>();
    Exporter first =
        new Exporter(
            (block, written, total) -> {
              if (second.isEmpty()) {
                try {
                  export(request(Dtype.FP16));
                } catch (IOException e) {
                  second.add(e.getMessage());
                }
              }
            });
    ModelManifest manifest = first.export(request(Dtype.FP32));
    assertThat(second).containsExactly("another export is writing " + out + ".partial");
    assertThat(ModelManifest.read(out)).isEqualTo(manifest);
  }

  @Test
  void progressEndsAtTheSizeOfTheWeights() throws IOException {
    CheckpointFixture.mistral().write(checkpoint);
    List<Long> written = new ArrayList<>();
    List<Long> totals = new ArrayList<>();
    new Exporter(
            (block, bytes, total) -> {
              written.add(bytes);
              totals.add(total);
            })
        .export(request(Dtype.FP32));
    long size = Files.size(out.resolve("weights.bin"));
    assertThat(written).isSorted().last().isEqualTo(size);
    assertThat(totals).containsOnly(size);
  }
}
