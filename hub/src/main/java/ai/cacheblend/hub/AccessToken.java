package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A user access token of the Hub. Its text never shows the secret.
 *
 * @param origin variable or file that the token is from
 */
record AccessToken(String secret, String origin) {

  /** A token is one line of visible ASCII; anything else would end or split the header. */
  private static final String VALID = "[\\x21-\\x7e]+";

  AccessToken {
    requireNonNull(origin, "origin is null");
    if (!secret.matches(VALID)) {
      throw new IllegalArgumentException(
          "%s holds no access token; set it to one of https://huggingface.co/settings/tokens"
              .formatted(origin));
    }
  }

  /**
   * {@code HF_TOKEN}, or its older name, or the file of {@code HF_TOKEN_PATH}, by default {@code
   * token} in the Hugging Face home.
   */
  static Optional<AccessToken> find(Map<String, String> environment, UserDirectories user)
      throws HubException {
    for (String variable : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
      String secret = environment.getOrDefault(variable, "").strip();
      if (!secret.isEmpty()) {
        return Optional.of(new AccessToken(secret, variable));
      }
    }
    Path file = user.tokenFile();
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      String secret = Files.readString(file).strip();
      return secret.isEmpty()
          ? Optional.empty()
          : Optional.of(new AccessToken(secret, file.toString()));
    } catch (IOException e) {
      throw new HubException(
          HubException.Reason.CACHE,
          "token file %s cannot be read (%s); set HF_TOKEN, or HF_TOKEN_PATH"
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  String header() {
    return "Bearer " + secret;
  }

  @Override
  public String toString() {
    return "token of " + origin;
  }
}
