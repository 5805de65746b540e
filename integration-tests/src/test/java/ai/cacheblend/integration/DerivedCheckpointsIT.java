package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Golden checkpoints with one change, and model folders with corrupt files. */
final class DerivedCheckpointsIT {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path folder;

  /**
   * Tokens of the numpy reference for the same checkpoint. With the tied embedding as output layer
   * they would be 388, 289, 423, 511, 476, 162.
   */
  @Test
  void usesAnOutputLayerBesideTiedEmbeddings() throws IOException {
    Path checkpoint = copy("llama-tiny-tied");
    addOutputLayer(checkpoint.resolve("model.safetensors"));
    Program.Outcome export = export(checkpoint);
    assertThat(export.err()).contains("lm_head.weight differs from the embedding");

    try (RealWorker worker = RealWorker.serve(model(), "--threads", "1")) {
      int[] prompt = {1, 40, 41, 42, 99, 200, 17, 88, 300, 301, 302, 5, 6, 77, 78, 400, 401};
      Segment segment = Segment.newBuilder().setTokenIds(TokenIdCodec.encode(prompt)).build();
      Arm arm = Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build();
      assertThat(
              Answers.generate(worker.calls(), Answers.request(List.of(segment), arm, 6))
                  .tokenIds())
          .containsExactly(295, 393, 425, 363, 404, 122);
    }
  }

  @Test
  void workerRejectsCorruptWeightsByFileAndBlock() throws IOException {
    assertThat(export(Golden.folder("mistral-tiny")).exitCode()).isZero();
    Path weights = model().resolve("weights.bin");
    try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1000), channel.size() / 2);
    }
    Program.Outcome worker =
        Program.run(Program.Main.WORKER, "worker", "--model", model().toString(), "--port", "0");
    assertThat(worker.exitCode()).isEqualTo(1);
    assertThat(worker.out()).isEmpty();
    assertThat(worker.errorLines())
        .singleElement()
        .asString()
        .contains(weights + ": block ", " is corrupt, bytes ", "export the checkpoint again");
    try (RealWorker unverified = RealWorker.serve(model(), "--verify", "off")) {
      assertThat(unverified.address()).isNotEmpty();
    }
  }

  @Test
  void workerRejectsAnEditedManifest() throws IOException {
    assertThat(export(Golden.folder("mistral-tiny")).exitCode()).isZero();
    Path manifest = model().resolve("model.json");
    Files.writeString(
        manifest, Files.readString(manifest).replace("\"size\" : 512", "\"size\" : 511"));
    Program.Outcome worker =
        Program.run(Program.Main.WORKER, "worker", "--model", model().toString(), "--port", "0");
    assertThat(worker.exitCode()).isEqualTo(1);
    assertThat(worker.err()).contains("model.json: fingerprint is ");
  }

  private Path model() {
    return folder.resolve("model");
  }

  private Program.Outcome export(Path checkpoint) {
    return Program.run(
        Program.Main.WORKER,
        "export",
        "--checkpoint",
        checkpoint.toString(),
        "--out",
        model().toString());
  }

  private Path copy(String golden) throws IOException {
    Path copy = Files.createDirectory(folder.resolve("checkpoint"));
    try (Stream<Path> files = Files.list(Golden.folder(golden))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  /** Appends {@code lm_head.weight} in fp32, with numbers from an integer hash of their index. */
  private static void addOutputLayer(Path file) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.wrap(MoreFiles.asByteSource(file).read()).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) bytes.getLong()];
    bytes.get(header);
    ObjectNode tensors = (ObjectNode) JSON.readTree(header);
    int begin = bytes.remaining();
    int rows = tensors.at("/model.embed_tokens.weight/shape/0").asInt();
    int columns = tensors.at("/model.embed_tokens.weight/shape/1").asInt();
    int count = rows * columns;
    ObjectNode output = tensors.putObject("lm_head.weight").put("dtype", "F32");
    output.putArray("shape").add(rows).add(columns);
    output.putArray("data_offsets").add(begin).add(begin + 4 * count);

    byte[] newHeader = tensors.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(8 + newHeader.length + begin + 4 * count)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(newHeader.length)
            .put(newHeader)
            .put(bytes);
    for (int i = 0; i < count; i++) {
      out.putFloat((float) ((Integer.toUnsignedLong(hash(i)) / 0x1p32 - 0.5) * 0.6));
    }
    Files.write(file, out.array());
  }

  private static int hash(int index) {
    int mixed = index * (int) 2654435761L + 99;
    mixed ^= mixed >>> 15;
    mixed *= (int) 2246822519L;
    return mixed ^ (mixed >>> 13);
  }
}
