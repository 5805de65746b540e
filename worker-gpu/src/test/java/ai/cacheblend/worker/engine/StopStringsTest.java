package ai.cacheblend.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void textThatCouldBecomeAStopStringIsHeldBack() {
    StopStrings stop = new StopStrings(List.of("END"));

    assertThat(stop.add("the E")).isEqualTo("the ");
    assertThat(stop.add("N")).isEmpty();
    assertThat(stop.add("ough")).isEqualTo("ENough");
    assertThat(stop.add(" EN")).isEqualTo(" ");
    assertThat(stop.add("D and more")).isEmpty();
    assertThat(stop.found()).isTrue();
    assertThat(stop.add("after")).isEmpty();
    assertThat(stop.finish()).isEmpty();
  }

  @Test
  void heldTextIsEmittedAtTheEnd() {
    StopStrings stop = new StopStrings(List.of("\n\n", "###"));

    assertThat(stop.add("a\n")).isEqualTo("a");
    assertThat(stop.finish()).isEqualTo("\n");
    assertThat(stop.found()).isFalse();
  }

  @Test
  void failedMatchMayContainTheStartOfAnother() {
    StopStrings stop = new StopStrings(List.of("aab"));

    assertThat(stop.add("aa")).isEmpty();
    assertThat(stop.add("a")).isEqualTo("a");
    assertThat(stop.add("b")).isEmpty();
    assertThat(stop.found()).isTrue();
  }

  @Test
  void firstCompleteStopStringEndsTheTextAndTheLongerOfTwo() {
    assertThat(new StopStrings(List.of("b", "abc")).add("xabc")).isEqualTo("xa");
    assertThat(new StopStrings(List.of("c", "abc")).add("xabc")).isEqualTo("x");
  }

  @Test
  void truncationDoesNotDependOnTheSplit() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int trial = 0; trial < 2000; trial++) {
      String text = randomText(random, 12);
      List<String> strings = List.of(randomText(random, 3) + "a", randomText(random, 2) + "b");
      assertThat(split(text, strings, random))
          .as("seed %s, text %s, stop strings %s", seed, text, strings)
          .isEqualTo(reference(text, strings));
    }
  }

  private static String split(String text, List<String> strings, Random random) {
    StopStrings stop = new StopStrings(strings);
    StringBuilder result = new StringBuilder();
    for (int from = 0; from < text.length(); ) {
      int to = Math.min(text.length(), from + random.nextInt(4));
      result.append(stop.add(text.substring(from, to)));
      from = to;
    }
    return result + stop.finish();
  }

  /** The shortest beginning of the text that ends in a stop string, without that string. */
  private static String reference(String text, List<String> strings) {
    for (int end = 0; end <= text.length(); end++) {
      String head = text.substring(0, end);
      int longest =
          strings.stream().filter(head::endsWith).mapToInt(String::length).max().orElse(0);
      if (longest > 0) {
        return head.substring(0, end - longest);
      }
    }
    return text;
  }

  private static String randomText(Random random, int maxLength) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(maxLength + 1); i > 0; i--) {
      text.append((char) ('a' + random.nextInt(3)));
    }
    return text.toString();
  }
}
