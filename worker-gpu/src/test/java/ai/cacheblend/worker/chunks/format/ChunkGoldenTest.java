package ai.cacheblend.worker.chunks.format;

import static ai.cacheblend.worker.chunks.format.ChunkValues.check;
import static ai.cacheblend.worker.chunks.format.ChunkValues.description;
import static ai.cacheblend.worker.chunks.format.ChunkValues.value;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.format.ChunkLayout.Tensor;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Exchange with Python's safetensors; {@code chunks/make_chunks.py} made the files. */
class ChunkGoldenTest {
  private static final KvForm FORM =
      new KvForm(new KvShape(3, 2, 4), Element.BF16, 5, KvEncoding.NATIVE);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path folder;

  @Test
  void aFileOfPythonIsAChunk() throws Exception {
    byte[] value = resource("python.safetensors");
    ChunkDescription chunk = description(FORM, KvEncoding.NATIVE);

    assertThat(check(value, value.length, chunk)).isEmpty();
    assertThat(value).endsWith(data(chunk));
  }

  @ParameterizedTest
  @EnumSource
  void theEncoderWritesTheFilesThatPythonHasRead(KvEncoding encoding) throws Exception {
    String name = "worker-" + encoding.id() + ".safetensors";
    ChunkDescription chunk = description(FORM, encoding);
    byte[] value = value(chunk, data(chunk));
    Path written = Files.write(folder.resolve(name), value);

    JsonNode read = new ObjectMapper().readTree(resource("read.json")).path("files").path(name);
    assertThat(sha256(value))
        .describedAs("copy %s and run make_chunks.py", written)
        .isEqualTo(read.path("file_sha256").asText());
    assertThat(read.at("/metadata/encoding").asText()).isEqualTo(encoding.id());
    ChunkLayout layout = ChunkLayout.of(chunk);
    assertThat(read.path("tensors")).hasSize(layout.tensors().size());
    for (Tensor tensor : layout.tensors()) {
      JsonNode actual = read.path("tensors").path(tensor.name());
      assertThat(actual.path("dtype").asText()).isEqualTo(tensor.type().name());
      assertThat(actual.path("shape"))
          .map(JsonNode::asInt)
          .containsExactlyElementsOf(tensor.shape());
      byte[] bytes = new byte[(int) (tensor.end() - tensor.begin())];
      System.arraycopy(data(chunk), (int) tensor.begin(), bytes, 0, bytes.length);
      assertThat(actual.path("sha256").asText()).isEqualTo(sha256(bytes));
    }
  }

  private static byte[] data(ChunkDescription chunk) {
    byte[] data = new byte[(int) ChunkLayout.of(chunk).dataByteCount()];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 37 + i / 251);
    }
    return data;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream file = ChunkGoldenTest.class.getResourceAsStream("/chunks/" + name)) {
      return file.readAllBytes();
    }
  }

  private static String sha256(byte[] bytes) {
    return Hashing.sha256().hashBytes(bytes).toString();
  }
}
