package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CachedFilesTest {

  private static final Repository DATA = Repository.dataset("org/name");

  @TempDir Path root;
  private CacheFixture fixture;

  @BeforeEach
  void setUp() throws IOException {
    fixture = new CacheFixture(root, DATA);
    fixture.ref("main", "abc");
    fixture.snapshot("abc");
  }

  private LocalFiles find(String... alternatives) throws HubException {
    return new CachedFiles(new HubCache(root)).find(DATA, Revision.MAIN, List.of(alternatives));
  }

  private void missing(String... alternatives) {
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> find(alternatives))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(HubException.Reason.OFFLINE))
        .withMessageContaining("has no " + String.join(" or ", alternatives) + " of org/name");
  }

  @Test
  void usesTheFirstAlternativeThatMatches() throws IOException {
    fixture.file("abc", "data/test-1.csv", "1");
    fixture.file("abc", "data/test-0.csv", "0");
    fixture.file("abc", "data/deep/test-2.csv", "2");
    fixture.file("abc", "test.json", "{}");

    assertThat(find("none.csv", "data/test-*.csv", "test.json").names())
        .containsExactly("data/test-0.csv", "data/test-1.csv");
    assertThat(find("data/**.csv").names()).hasSize(3);
    assertThat(find("{test,dev}.json").paths()).singleElement().satisfies(Files::readString);
    missing("*.csv", "dev.json");
  }

  @Test
  void refusesANumberedSetWithGaps() throws IOException {
    fixture.file("abc", "a-00000-of-00002.parquet", "");
    missing("a-*.parquet");
    fixture.file("abc", "a-00001-of-00002.parquet", "");
    assertThat(find("a-*.parquet").names()).hasSize(2);

    fixture.file("abc", "b-00002-of-00003.parquet", "");
    fixture.file("abc", "b-00003-of-00003.parquet", "");
    missing("b-*");
    assertThat(find("b-*", "a-*").names()).hasSize(2);
  }

  @Test
  void refusesAFileWithoutContent() throws IOException {
    Files.delete(fixture.blobOf(fixture.file("abc", "test.json", "{}")));
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> find("test.json"))
        .withMessageContaining("is a dangling link");
  }
}
