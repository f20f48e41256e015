// The environment variables of both processes, read once.

function text(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`environment variable ${name} is missing`);
  return value;
}

export const databaseUrl = text('DATABASE_URL');
export const redisUrl = text('REDIS_URL');
// 32 bytes in hexadecimal: encrypts access tokens and webhook secrets.
export const encryptionKey = Buffer.from(text('ENCRYPTION_KEY'), 'hex');

// The variables of only one of the two processes.
export const apiVariables = () => ({ port: Number(text('PORT')), appSecret: text('APP_SECRET'), verifyToken: text('VERIFY_TOKEN') });
export const workerVariables = () => ({ whatsapp: `${text('WHATSAPP_URL')}/${text('WHATSAPP_VERSION')}` });
