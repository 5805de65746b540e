package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedDatasetsTest {
  @TempDir Path home;

  @Test
  void findsTheEntryOfLongBenchsArchive() throws IOException {
    Path snapshot = snapshot("hub", "THUDM--LongBench", "abc");
    try (OutputStream out = Files.newOutputStream(snapshot.resolve("data.zip"));
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("data/hotpotqa.jsonl"));
      zip.putNextEntry(new ZipEntry("data/2wikimqa.jsonl"));
      Files.copy(Fixtures.path("longbench-2wikimqa.jsonl"), zip);
    }

    QualityTask task = load("2wikimqa", Map.of("HF_HOME", home.toString()));

    assertThat(task.samples()).extracting(QualitySample::id).containsExactly("a1b2", "c3d4");
    assertThat(task.source()).isEqualTo("2wikimqa");
    assertThat(task.file()).endsWith("abc/data.zip!data/2wikimqa.jsonl");
    // The hash of the entry, so that it equals that of the unpacked file.
    assertThat(task.sha256()).isEqualTo(Fixtures.load("longbench-2wikimqa.jsonl").sha256());
  }

  @Test
  void prefersTheSnapshotOfTheMainBranch() throws IOException {
    place(
        "musique.jsonl", snapshot("hub", "bdsaglam--musique", "aaa"), "musique_ans_v1.0_dev.jsonl");
    Path main = snapshot("hub", "bdsaglam--musique", "bbb");
    place("musique.jsonl", main, "musique_ans_v1.0_dev.jsonl");
    Path refs = Files.createDirectories(home.resolve("hub/datasets--bdsaglam--musique/refs"));
    Files.writeString(refs.resolve("main"), "bbb");

    QualityTask task = load("musique", Map.of("HF_HOME", home.toString()));

    assertThat(Path.of(task.file()).getParent()).isEqualTo(main);
  }

  @Test
  void followsTheLinksOfTheCache() throws IOException {
    Path blob = home.resolve("hub/datasets--knkarthick--samsum/blobs/0123");
    Files.createDirectories(blob.getParent());
    Files.copy(Fixtures.path("samsum.csv"), blob);
    Path snapshot = snapshot("hub", "knkarthick--samsum", "ccc");
    Files.createSymbolicLink(snapshot.resolve("test.csv"), Path.of("../../blobs/0123"));

    assertThat(load("samsum", Map.of("HF_HOME", home.toString())).samples()).hasSize(2);
  }

  @Test
  void usesTheFoldersOfTheEnvironment() throws IOException {
    place("2wiki-dev.json", snapshot("", "voidful--2WikiMultihopQA", "ddd"), "dev.json");
    assertThat(load("2wikimqa", Map.of("HF_HUB_CACHE", home.toString())).samples()).hasSize(2);

    place(
        "musique.jsonl",
        snapshot(".cache/huggingface/hub", "bdsaglam--musique", "eee"),
        "musique_ans_v1.0_dev.jsonl");
    assertThat(load("musique", Map.of("HOME", home.toString())).samples()).hasSize(2);

    place("samsum.json", snapshot("xdg/huggingface/hub", "Samsung--samsum", "fff"), "test.json");
    Map<String, String> xdg = Map.of("XDG_CACHE_HOME", home.resolve("xdg").toString());
    assertThat(load("samsum", xdg).samples()).hasSize(2);
  }

  @Test
  void findsFilesExtractedByTheDatasetsLibrary() throws IOException {
    Path data = home.resolve("ds/downloads/extracted/9f/data");
    Files.createDirectories(data);
    place("longbench-samsum.jsonl", data, "samsum.jsonl");
    Map<String, String> environment =
        Map.of("HF_HOME", home.toString(), "HF_DATASETS_CACHE", home.resolve("ds").toString());

    assertThat(load("samsum", environment).samples()).hasSize(1);
  }

  @Test
  void missingDataSetNamesTheFoldersAndTheRemedy() throws IOException {
    Path snapshot = snapshot("hub", "knkarthick--samsum", "abc");
    Files.writeString(snapshot.resolve("test.parquet"), "PAR1");

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> load("samsum", Map.of("HF_HOME", home.toString())))
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .startsWith(
                        "Data set samsum is not in the Hugging Face cache " + home.resolve("hub"))
                    .contains("THUDM/LongBench (data.zip!data/samsum.jsonl")
                    .contains("knkarthick/samsum (test.csv, test.json")
                    .contains("snapshots without these files: " + snapshot)
                    .contains("pass the path of a file")
                    .contains("cacheblend pull --dataset knkarthick/samsum")
                    .doesNotContain("\n"));
  }

  private static QualityTask load(String name, Map<String, String> environment) {
    return Datasets.load(name, DatasetOptions.samples(100), environment);
  }

  private Path snapshot(String hub, String repository, String revision) throws IOException {
    return Files.createDirectories(
        home.resolve(hub)
            .resolve("datasets--" + repository)
            .resolve("snapshots")
            .resolve(revision));
  }

  private static void place(String fixture, Path folder, String file) throws IOException {
    Files.copy(Fixtures.path(fixture), folder.resolve(file));
  }
}
