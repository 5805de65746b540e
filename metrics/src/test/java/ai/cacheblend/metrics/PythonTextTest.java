package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against CPython, code point by code point. */
class PythonTextTest {

  private final Map<String, BitSet> kinds = new HashMap<>();
  private final Map<Integer, String> lower = new HashMap<>();

  PythonTextTest() {
    for (String[] row : Golden.rows("unicode_golden.tsv")) {
      int first = codePoint(row[1]);
      if (row[0].equals("lower")) {
        StringBuilder text = new StringBuilder();
        for (int i = 2; i < row.length; i++) {
          text.appendCodePoint(codePoint(row[i]));
        }
        lower.put(first, text.toString());
      } else {
        kinds.computeIfAbsent(row[0], kind -> new BitSet()).set(first, codePoint(row[2]) + 1);
      }
    }
  }

  @Test
  void everyCodePointHasPythonsKindAndLowerCase() {
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (isInOneUnicodeVersionOnly(c)) {
        continue;
      }
      compared++;
      boolean space = Character.isBmpCodePoint(c) && PythonText.isSpace((char) c);
      String text = Character.toString(c);
      if (space != kinds.get("space").get(c)
          || PythonText.isWord(c) != kinds.get("word").get(c)
          || !PythonText.lower(text).equals(lower.getOrDefault(c, text))) {
        wrong.add(Integer.toHexString(c));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isGreaterThan(280_000);
  }

  @Test
  void splitsOnEveryPythonSpaceAndDropsEmptyParts() {
    String allSpaces =
        kinds.get("space").stream()
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();

    assertThat(PythonText.split(allSpaces)).isEmpty();
    assertThat(PythonText.split(allSpaces + "x" + allSpaces + "yz")).containsExactly("x", "yz");
    assertThat(PythonText.split("x\u200by\ufeff")).containsExactly("x\u200by\ufeff");
  }

  private boolean isInOneUnicodeVersionOnly(int c) {
    boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    return surrogate
        || kinds.get("unassigned").get(c)
        || Character.getType(c) == Character.UNASSIGNED;
  }

  private static int codePoint(String hex) {
    return Integer.parseInt(hex, 16);
  }
}
