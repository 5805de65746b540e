package ai.cacheblend.worker.export;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.CheckpointFixture.Tensor;
import ai.cacheblend.worker.model.Dtype;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that cannot be exported; the message names file and tensor. */
final class RejectedCheckpointsTest {
  @TempDir Path folder;

  private ExportFixture model;

  @BeforeEach
  void setUp() {
    model = new ExportFixture(folder);
  }

  @Test
  void refusesUnusedTensorsOfAnotherShapeOrType() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.llama();
    fixture.config.put("tie_word_embeddings", true);
    fixture.tensors.put("lm_head.weight", new Tensor(List.of(2, 12), new float[24]));
    fixture.write(model.checkpoint);
    model.refused(
        model.request(Dtype.FP32), "tensor lm_head.weight has shape [2, 12], expected [32, 12]");

    CheckpointFixture frequencies = CheckpointFixture.mistral();
    frequencies.add("model.layers.0.self_attn.rotary_emb.inv_freq", 4);
    frequencies.write(model.checkpoint);
    model.refused(model.request(Dtype.FP32), "rotary_emb.inv_freq has shape [4], expected [3]");
  }

  @Test
  void refusesPointersAndDanglingLinksByName() throws IOException {
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 9\n";
    for (String name : List.of("tokenizer.json", "model.safetensors", "tokenizer_config.json")) {
      CheckpointFixture.mistral().write(model.checkpoint);
      Files.writeString(model.checkpoint.resolve(name), pointer);
      model.refused(model.request(Dtype.FP32), name + " is a Git LFS pointer", "git lfs pull");
      Files.delete(model.checkpoint.resolve(name));
      Files.createSymbolicLink(model.checkpoint.resolve(name), Path.of("../blobs/gone"));
      model.refused(model.request(Dtype.FP32), name + " is a dangling link to ../blobs/gone");
      Files.delete(model.checkpoint.resolve(name));
    }
  }

  @Test
  void refusesMissingMisshapenAndUnknownTensors() throws IOException {
    String name = "model.layers.1.mlp.up_proj.weight";
    CheckpointFixture missing = CheckpointFixture.mistral();
    missing.tensors.remove(name);
    missing.write(model.checkpoint);
    model.refused(
        model.request(Dtype.FP32), "model.safetensors is missing a tensor", name, "[20, 12]");

    CheckpointFixture turned = CheckpointFixture.mistral();
    Tensor right = turned.tensors.get(name);
    turned.tensors.put(name, new Tensor(List.of(12, 20), right.values()));
    turned.write(model.checkpoint);
    model.refused(
        model.request(Dtype.FP32),
        "model.safetensors: tensor " + name + " has shape [12, 20], expected [20, 12]");

    CheckpointFixture extra = CheckpointFixture.mistral();
    extra.add("model.layers.1.self_attn.q_proj.bias", 24);
    extra.write(model.checkpoint);
    model.refused(
        model.request(Dtype.FP32), "model.layers.1.self_attn.q_proj.bias", "is not part of");

    CheckpointFixture old = CheckpointFixture.mistral();
    old.add("model.layers.0.self_attn.rotary_emb.inv_freq", 3);
    old.write(model.checkpoint);
    model.export(model.request(Dtype.FP32));
  }

  @Test
  void refusesAnUnsupportedTensorType() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.mistral();
    fixture.write(model.checkpoint);
    Path file = model.checkpoint.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    int at = new String(bytes, ISO_8859_1).indexOf("F32");
    bytes[at] = 'I';
    Files.write(file, bytes);
    model.refused(model.request(Dtype.FP32), "has dtype I32, expected F32, F16, BF16 or F64");
  }

  @Test
  void refusesATruncatedFileAndABrokenIndex() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint, 2);
    Path shard = model.checkpoint.resolve("model-00002-of-00002.safetensors");
    try (FileChannel channel = FileChannel.open(shard, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 5);
    }
    model.refused(
        model.request(Dtype.FP32), shard + " is truncated: tensor lm_head.weight ends at");
    Files.delete(shard);
    model.refused(model.request(Dtype.FP32), shard + " is missing", "lists tensor");

    CheckpointFixture.mistral().write(model.checkpoint, 2);
    Path index = model.checkpoint.resolve("model.safetensors.index.json");
    String text = Files.readString(index);
    Files.writeString(
        index,
        text.replace("model.norm.weight\":\"model-00001", "model.norm.weight\":\"model-00002")
            .replace("lm_head.weight\":\"model-00002", "lm_head.weight\":\"model-00001"));
    model.refused(model.request(Dtype.FP32), "has no tensor", "which " + index + " lists there");
    Files.writeString(index, text.replaceFirst("model-00001-of-00002", "../secret"));
    model.refused(model.request(Dtype.FP32), "is in \"../secret.safetensors\", expected the name");
    Files.delete(index);
    model.refused(model.request(Dtype.FP32), "has neither model.safetensors nor", "index.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pytorch_model.bin", "pytorch_model.bin.index.json", "consolidated.00.pth"})
  void refusesPickledWeightsWithTheCommandThatConvertsThem(String name) throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    Files.move(model.checkpoint.resolve("model.safetensors"), model.checkpoint.resolve(name));
    model.refused(
        model.request(Dtype.FP32),
        "has neither model.safetensors nor model.safetensors.index.json, only " + name,
        "python3 -c \"from transformers import AutoModelForCausalLM as m; m.from_pretrained('"
            + model.checkpoint);
  }

  @Test
  void refusesACheckpointWithoutTokenizer() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    Files.delete(model.checkpoint.resolve("tokenizer.json"));
    model.refused(
        model.request(Dtype.FP32), model.checkpoint + " has no tokenizer.json; create it");
    Files.writeString(model.checkpoint.resolve("tokenizer.model"), "");
    model.refused(
        model.request(Dtype.FP32),
        "has no tokenizer.json, and its tokenizer.model cannot be converted: it is not of type BPE;"
            + " create it: python3 -c \"from transformers import AutoTokenizer as t;"
            + " t.from_pretrained('%s')".formatted(model.checkpoint));
  }

  @Test
  void refusesNumbersOutsideOfTheDtypeByTensorName() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.mistral();
    String name = "model.layers.2.self_attn.o_proj.weight";
    float[] values = fixture.tensors.get(name).values();
    values[3] = 65504f;
    fixture.write(model.checkpoint);
    model.export(model.request(Dtype.FP16));
    model.out = folder.resolve("second");
    values[3] = -65505f;
    fixture.write(model.checkpoint);
    model.refused(model.request(Dtype.FP16), "tensor " + name + " holds -65505.0", "fp16", "65504");
    values[3] = Float.MAX_VALUE;
    fixture.write(model.checkpoint);
    model.refused(model.request(Dtype.BF16), "tensor " + name + " holds 3.4028235E38", "bf16");
    values[3] = Float.NaN;
    fixture.write(model.checkpoint);
    model.refused(model.request(Dtype.FP32), "tensor " + name + " holds NaN");
  }

  @Test
  void refusesCheckLayersThatTheModelDoesNotHave() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    model.refused(
        model.request(Dtype.FP32, List.of(1, 3), OptionalLong.empty()),
        "check layers: 3 is not in 1..2");
    assertThatThrownBy(() -> model.request(Dtype.FP32, List.of(0), OptionalLong.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0, must be >= 1");
    assertThatThrownBy(() -> model.request(Dtype.FP32, List.of(2, 2), OptionalLong.empty()))
        .hasMessageContaining("2 after 2, expected ascending");
    assertThatThrownBy(() -> model.request(Dtype.FP32, List.of(), OptionalLong.empty()))
        .hasMessageContaining("none given");
  }
}
