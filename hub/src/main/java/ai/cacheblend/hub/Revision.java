package ai.cacheblend.hub;

import java.util.regex.Pattern;

/**
 * A version of a repository.
 *
 * @param name branch, tag, {@code refs/pr/N}, or commit
 */
public record Revision(String name) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._/-]*");

  /** After {@code NAME}, which its constructor reads. */
  public static final Revision MAIN = new Revision("main");

  public Revision {
    if (!NAME.matcher(name).matches() || name.contains("..") || name.endsWith("/")) {
      throw new IllegalArgumentException(
          "'%s' is not a revision; give a branch, a tag or a commit".formatted(name));
    }
  }
}
