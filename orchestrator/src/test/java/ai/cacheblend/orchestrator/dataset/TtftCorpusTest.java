package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.base.Splitter;
import com.google.common.collect.Lists;
import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class TtftCorpusTest {
  private static final TtftCorpus CORPUS = TtftCorpus.embedded();

  // Six lengths, five trials and two warm-ups each, at 4.2 characters a token.
  private static final List<Integer> LENGTHS = List.of(512, 1024, 2048, 4096, 8192, 16384);
  private static final double CHARACTERS_PER_TOKEN = 4.2;
  private static final int WINDOW = 400;

  @Test
  void promptsOfARunShareNoWindowOfText() {
    List<String> passages = wholeRun(-7);

    assertThat(passages.stream().mapToLong(String::length).sum())
        .isBetween(900_000L, CORPUS.characterCount());
    assertThat(sharedWindows(passages)).isZero();
  }

  @Test
  void sharedWindowAtAnOddOffsetIsDetected() {
    List<String> passages = wholeRun(0).subList(0, 4);
    String repeated = "x".repeat(37) + passages.get(3).substring(151, 151 + WINDOW);

    assertThat(sharedWindows(passages)).isZero();
    assertThat(sharedWindows(Lists.asList(repeated, passages.toArray(String[]::new)))).isPositive();
  }

  private static List<String> wholeRun(long seed) {
    TtftPassages passages = CORPUS.passages(seed);
    List<String> run = new ArrayList<>();
    for (int trial = 0; trial < 7; trial++) {
      for (int length : LENGTHS) {
        run.add(passages.next((int) (length * CHARACTERS_PER_TOKEN)));
      }
    }
    return run;
  }

  /**
   * Any window that two places share holds a whole half-window whose start is a multiple of its
   * length in one of them.
   */
  private static long sharedWindows(List<String> passages) {
    int half = WINDOW / 2;
    Set<String> aligned = new HashSet<>();
    long shared = 0;
    for (String passage : passages) {
      for (int start = 0; start + half <= passage.length(); start += half) {
        shared += aligned.add(passage.substring(start, start + half)) ? 0 : 1;
      }
    }
    for (String passage : passages) {
      for (int start = 0; start + half <= passage.length(); start++) {
        boolean isItself = start % half == 0;
        shared += !isItself && aligned.contains(passage.substring(start, start + half)) ? 1 : 0;
      }
    }
    return shared;
  }

  @Test
  void paragraphsRepeatOnlyAfterAllWereUsed() {
    TtftPassages passages = CORPUS.passages(3);
    Set<String> seen = new HashSet<>();
    long total = 0;
    while (total + 20_000 < CORPUS.characterCount()) {
      String passage = passages.next(10_000);
      for (String paragraph : Splitter.on(TtftPassages.SEPARATOR).split(passage)) {
        assertThat(seen.add(paragraph)).as(paragraph).isTrue();
        total += paragraph.length();
      }
    }
    assertThat(total).isGreaterThan(1_280_000);
  }

  /**
   * 200 characters, the shortest chunk that is of use, in ten times the text: never the same start
   * of a passage.
   */
  @Test
  void laterRoundsShareNoParagraphSequence() {
    TtftPassages passages = CORPUS.passages(5);
    Set<String> pairs = new HashSet<>();
    long pairCount = 0;
    long repeated = 0;
    for (long total = 0; total < 3 * CORPUS.characterCount(); total += 20_000) {
      List<String> paragraphs =
          Splitter.on(TtftPassages.SEPARATOR).splitToList(passages.next(20_000));
      for (int i = 0; i + 2 < paragraphs.size(); i++) {
        repeated += pairs.add(String.join("|", paragraphs.subList(i, i + 3))) ? 0 : 1;
        pairCount++;
      }
    }
    assertThat(pairCount).isGreaterThan(2L * 3000);
    assertThat(repeated).isZero();
  }

  @Test
  void passagesByIndexShareNoParagraphSequence() {
    Set<String> runs = new HashSet<>();
    for (int index = 0; index < 50; index++) {
      List<String> paragraphs =
          Splitter.on(TtftPassages.SEPARATOR).splitToList(CORPUS.passage(9, index, 60_000));
      for (int i = 0; i + 2 < paragraphs.size(); i++) {
        assertThat(runs.add(String.join("|", paragraphs.subList(i, i + 3)))).isTrue();
      }
    }
    assertThat(CORPUS.passage(9, 7, 9_000)).startsWith(CORPUS.passage(9, 7, 2_000));
    assertThat(CORPUS.passage(9, 0, 2_000)).isNotEqualTo(CORPUS.passage(10, 0, 2_000));
  }

  @Test
  void lengthExceedsTheRequestByLessThanAParagraph() {
    TtftPassages passages = CORPUS.passages(0);
    for (int length : List.of(1, 100, 5_000, 70_000)) {
      assertThat(passages.next(length).length()).isBetween(length, length + 1002);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> passages.next(0))
        .withMessage("minCharacters is 0; use 1 or more");
  }

  @Test
  void orderDependsOnTheSeed() {
    assertThat(CORPUS.passages(1).next(5000)).isEqualTo(CORPUS.passages(1).next(5000));
    assertThat(CORPUS.passages(1).next(5000)).isNotEqualTo(CORPUS.passages(2).next(5000));
  }

  @Test
  void textMatchesTheChecksumInItsNote() throws IOException {
    String note =
        Resources.toString(Resources.getResource("text/README.md"), StandardCharsets.UTF_8);
    try (InputStream in = Resources.getResource("text/corpus.txt.gz").openStream()) {
      byte[] text = new GZIPInputStream(in).readAllBytes();
      assertThat(note).contains(Hashing.sha256().hashBytes(text).toString());
      assertThat(new String(text, StandardCharsets.UTF_8)).matches("[\\x20-\\x7e\\n]+");
    }
  }
}
