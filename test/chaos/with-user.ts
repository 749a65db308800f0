/** The URL, as the user of the other one. */
export function withUser(url: string, userUrl: string): string {
  const [result, user] = [new URL(url), new URL(userUrl)];
  [result.username, result.password] = [user.username, user.password];
  return result.href;
}
