// SPDX-License-Identifier: Apache-2.0
// A real SMTP server that keeps nothing: every mail that it has accepted becomes one line of JSON on
// standard output. Usage: node smtp_sink.mjs PORT [--cert FILE --key FILE] [--user NAME --password
// TEXT]. How it behaves is said by the recipient's address:
//   refused@...     550 at RCPT TO                  busy@...     451 at RCPT TO
//   slow-rcpt@...   answers RCPT TO after --delay   slow-end@... accepts, answers after --delay
// PORT 0 takes a free one. The first line is {"port": N}.
import { readFileSync } from "node:fs";
import { SMTPServer } from "smtp-server";

const options = {};
const words = process.argv.slice(3);
for (let i = 0; i < words.length; i += 2) options[words[i].slice(2)] = words[i + 1];
const delay = Number(options.delay || 1000);

function say(value) {
    process.stdout.write(`${JSON.stringify(value)}\n`);
}

function fail(code, text) {
    return Object.assign(new Error(text), { responseCode: code });
}

const server = new SMTPServer({
    secure: false,
    cert: options.cert && readFileSync(options.cert),
    key: options.key && readFileSync(options.key),
    disabledCommands: [...(options.cert ? [] : ["STARTTLS"]), ...(options.user ? [] : ["AUTH"])],
    allowInsecureAuth: false,
    authOptional: !options.user,
    disableReverseLookup: true,
    size: 10 * 1024 * 1024,
    onAuth(auth, session, done) {
        const good = auth.username === options.user && auth.password === options.password;
        say({ login: auth.username, secure: session.secure, good });
        done(good ? null : fail(535, "no such user"), good ? { user: auth.username } : undefined);
    },
    onRcptTo(address, session, done) {
        const name = address.address.split("@")[0];
        say({ rcpt: address.address });
        if (name === "refused") return done(fail(550, "no such mailbox"));
        if (name === "busy") return done(fail(451, "come again"));
        return name === "slow-rcpt" ? setTimeout(done, delay) : done();
    },
    onData(stream, session, done) {
        const parts = [];
        stream.on("data", (part) => parts.push(part));
        stream.on("end", () => {
            const to = session.envelope.rcptTo.map((r) => r.address);
            say({
                mail: Buffer.concat(parts).toString("latin1"),
                from: session.envelope.mailFrom.address,
                to,
                secure: session.secure,
            });
            if (to[0].startsWith("slow-end@")) setTimeout(done, delay);
            else done();
        });
    },
});

server.on("error", (error) => {
    if (!["ECONNRESET", "EPIPE"].includes(error.code)) say({ trouble: error.message });
});
const listener = server.listen(Number(process.argv[2]), "127.0.0.1", () => {
    say({ port: listener.address().port });
});
